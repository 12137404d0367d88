package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LayerSizes;
import dev.unroll.cell.StepCell;
import java.util.List;

/**
 * One thing to be timed.
 *
 * @param cell the cell's name in {@link Cells}
 * @param mode forward or training
 * @param shape the layer's sizes
 * @param threads how many threads may work on it
 */
public record Workload(String cell, Mode mode, Shape shape, int threads) {
  /** The cells that other libraries have too. */
  public static final List<String> CELLS = List.of("rnn_tanh", "lstm", "gru");

  /** The shapes that every comparison covers: batches, single sequences and awkward ones. */
  public static final List<Shape> SHAPES =
      List.of(
          Shape.square(1, 100, 64),
          Shape.square(1, 100, 128),
          Shape.square(1, 100, 256),
          Shape.square(1, 100, 512),
          Shape.square(1, 100, 1024),
          Shape.square(16, 100, 128),
          Shape.square(32, 100, 128),
          Shape.square(64, 100, 128),
          Shape.square(32, 100, 256),
          Shape.square(64, 100, 256),
          Shape.square(64, 100, 512),
          Shape.square(64, 50, 1024),
          Shape.square(256, 100, 128),
          new Shape(7, 33, 37, 100),
          new Shape(3, 20, 5, 17));

  /** How many rows of weights each unit has: 1 to 4. */
  public int gates() {
    return Cells.named(cell).gates();
  }

  /** Whether there are weight_hh and bias_hh: the gates see the state before. */
  public boolean hasWeightHh() {
    return Cells.named(cell) instanceof StepCell;
  }

  /** Features of y: as many as units in most cells. */
  public int outputs() {
    return Cells.named(cell).outputSize(new LayerSizes(shape.hiddenSize(), 0, 1, 0));
  }

  /** Floating-point operations of the matrix products of one call; a fused multiply-add is two. */
  public double flops() {
    int inputs = shape.inputSize() + (hasWeightHh() ? shape.hiddenSize() : 0);
    double products = 2.0 * gates() * shape.hiddenSize() * inputs;
    if (Cells.named(cell) instanceof DeltaCell delta) {
      // All parameters but 2 multiply x; a Householder step reads and writes the state, y reads it.
      LayerSizes sizes = new LayerSizes(shape.hiddenSize(), 0, 1, shape.hiddenSize());
      double state = (double) shape.hiddenSize() * shape.hiddenSize();
      products =
          2 * delta.parameterCount(sizes, shape.inputSize())
              + 2 * state * (2 * delta.householder() + 1);
    }
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
