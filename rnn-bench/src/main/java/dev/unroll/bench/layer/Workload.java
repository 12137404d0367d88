package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LayerSizes;
import dev.unroll.cell.StepCell;
import dev.unroll.run.RecurrentConfig;
import java.util.List;

/**
 * One thing to be timed.
 *
 * @param cell the cell's name in {@link Cells}
 * @param mode forward or training
 * @param shape the layer's sizes
 * @param threads how many threads may work on it
 * @param heads N, 1 for a cell without heads; keys are as wide as values
 */
public record Workload(String cell, Mode mode, Shape shape, int threads, int heads) {
  /** The cells that libraries are compared by unless told otherwise. */
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

  /** A layer of one head. */
  public Workload(String cell, Mode mode, Shape shape, int threads) {
    this(cell, mode, shape, threads, 1);
  }

  /** The layer. */
  public RecurrentConfig config() {
    return RecurrentConfig.of(Cells.named(cell), shape.inputSize(), shape.hiddenSize())
        .withHeads(heads);
  }

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
    return config().outputSize();
  }

  /** Floating-point operations of the matrix products of one call; a fused multiply-add is two. */
  public double flops() {
    int inputs = shape.inputSize() + (hasWeightHh() ? shape.hiddenSize() / heads : 0);
    double products = 2.0 * gates() * shape.hiddenSize() * inputs;
    if (Cells.named(cell) instanceof DeltaCell delta) {
      // All parameters but 2 multiply x; a Householder step reads and writes the state, y reads it.
      int width = shape.hiddenSize() / heads;
      LayerSizes sizes = new LayerSizes(shape.hiddenSize(), 0, heads, width);
      products =
          2 * delta.parameterCount(sizes, shape.inputSize())
              + 2.0 * shape.hiddenSize() * width * (2 * delta.householder() + 1);
    }
    return products * shape.steps() * shape.batch() * mode.products();
  }

  /** Bytes of {@code weight_hh}, which every step of one sequence reads again; 0 without one. */
  public long recurrentWeightBytes() {
    return hasWeightHh() ? 4L * gates() * shape.hiddenSize() * shape.hiddenSize() / heads : 0;
  }

  @Override
  public String toString() {
    return "%s %s %s%s threads=%d"
        .formatted(cell, mode, shape, heads > 1 ? " N=" + heads : "", threads);
  }
}
