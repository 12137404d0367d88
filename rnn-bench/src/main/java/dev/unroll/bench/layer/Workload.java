package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;
import dev.unroll.cell.StepCell;

/**
 * One thing to be timed.
 *
 * @param cell the cell's name in {@link Cells}
 * @param mode forward or training
 * @param shape the layer's sizes
 * @param threads how many threads may work on it
 */
public record Workload(String cell, Mode mode, Shape shape, int threads) {
  /** How many rows of weights each unit has: 1 to 4. */
  public int gates() {
    return Cells.named(cell).gates();
  }

  /** Whether there are weight_hh and bias_hh: the gates see the state before. */
  public boolean hasWeightHh() {
    return Cells.named(cell) instanceof StepCell;
  }

  /** Floating-point operations of the matrix products of one call; a fused multiply-add is two. */
  public double flops() {
    int inputs = shape.inputSize() + (hasWeightHh() ? shape.hiddenSize() : 0);
    double products = 2.0 * gates() * shape.hiddenSize() * inputs;
    return products * shape.steps() * shape.batch() * mode.products();
  }

  /** Bytes of {@code weight_hh}, which every step of one sequence reads again; 0 without one. */
  public long recurrentWeightBytes() {
    return hasWeightHh() ? 4L * gates() * shape.hiddenSize() * shape.hiddenSize() : 0;
  }

  @Override
  public String toString() {
    return "%s %s %s threads=%d".formatted(cell, mode, shape, threads);
  }
}
