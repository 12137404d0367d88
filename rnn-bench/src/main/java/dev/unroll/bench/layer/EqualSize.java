package dev.unroll.bench.layer;

import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Layers of different cells that are as large as each other, with I = H. */
public final class EqualSize {
  /** The cell that the others are held against. */
  public static final String REFERENCE = "lstm";

  private static final int GRAIN = 8;
  private static final int LARGEST = 4096;

  /** Units of a head of a matrix cell: its state is then 16 KB, which a first cache holds. */
  private static final int HEAD = 64;

  private EqualSize() {}

  /** The heads of a cell at a size: of about 64 units where its state is a matrix, else one. */
  public static int heads(String cell, int hidden) {
    return Cells.named(cell) instanceof DeltaCell
        ? (int) Math.max(1, Math.round((double) hidden / HEAD))
        : 1;
  }

  /** The units with which a cell has most nearly the parameters of the reference of some units. */
  public static int hidden(String cell, int reference) {
    long wanted = parameters(REFERENCE, reference);
    return IntStream.iterate(GRAIN, hidden -> hidden <= LARGEST, hidden -> hidden + GRAIN)
        .filter(hidden -> hidden % heads(cell, hidden) == 0)
        .boxed()
        .min(Comparator.comparingLong(hidden -> Math.abs(parameters(cell, hidden) - wanted)))
        .orElseThrow();
  }

  /** The parameters of a cell of some units. */
  public static long parameters(String cell, int hidden) {
    return new Workload(cell, Mode.FORWARD, Shape.square(1, 1, hidden), 1, heads(cell, hidden))
        .config()
        .parameterCount();
  }
}
