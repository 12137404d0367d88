package dev.unroll.cell;

import java.util.List;
import java.util.stream.Collectors;

/** The registry of cells, one line each; tests, benchmarks and sweeps loop over it. */
public final class Cells {
  private static final List<Cell> ALL =
      List.of(
          new RnnCell(RnnCell.Nonlinearity.TANH),
          new RnnCell(RnnCell.Nonlinearity.RELU),
          new LstmCell(),
          new GruCell(),
          new SLstmCell(),
          new MinGruCell(false),
          new MinGruCell(true),
          new MinLstmCell(),
          new IndRnnCell(),
          new ParaGruCell(),
          new ParaLstmCell(),
          new RgLruCell(),
          new LruCell(),
          new DeltaCell("gated_delta", 1, 1),
          new DeltaCell("gated_delta_signed", 1, 2),
          new DeltaCell("delta_product2", 2, 2));

  private Cells() {}

  /** {@return every cell} */
  public static List<Cell> all() {
    return ALL;
  }

  /**
   * Finds a cell.
   *
   * @param name a cell's {@link Cell#name}, e.g. {@code lstm}
   * @return the cell
   * @throws IllegalArgumentException if there is none; the message names those there are
   */
  public static Cell named(String name) {
    for (Cell cell : ALL) {
      if (cell.name().equals(name)) {
        return cell;
      }
    }
    throw new IllegalArgumentException(
        "No cell is named '"
            + name
            + "'; use one of "
            + ALL.stream().map(Cell::name).collect(Collectors.joining(", "))
            + ".");
  }
}
