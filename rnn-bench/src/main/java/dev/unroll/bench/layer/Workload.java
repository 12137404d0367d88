package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;

/**
 * One thing to be timed.
 *
 * @param cell the cell's name in {@link Cells}
 * @param mode forward or training
 * @param shape the layer's sizes
 * @param threads how many threads may work on it
 */
public record Workload(String cell, Mode mode, Shape shape, int threads) {
  /** How many rows of weights each unit has: 1, 4 or 3. */
  public int gates() {
    return Cells.named(cell).gates();
  }

  /** Floating-point operations of the matrix products of one call; a fused multiply-add is two. */
  public double flops() {
    double products = 2.0 * gates() * shape.hiddenSize() * (shape.inputSize() + shape.hiddenSize());
    return products * shape.steps() * shape.batch() * mode.products();
  }

  /** Bytes of {@code weight_hh}, which every step of one sequence reads again. */
  public long recurrentWeightBytes() {
    return 4L * gates() * shape.hiddenSize() * shape.hiddenSize();
  }

  @Override
  public String toString() {
    return "%s %s %s threads=%d".formatted(cell, mode, shape, threads);
  }
}
