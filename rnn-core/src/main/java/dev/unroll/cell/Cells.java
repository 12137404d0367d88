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
          new MinGruCell(false),
          new MinGruCell(true),
          new MinLstmCell(),
          new IndRnnCell(),
          new ParaGruCell(),
          new ParaLstmCell(),
          new RgLruCell(),
          new LruCell());

  private Cells() {}

  /** {@return every cell} */
  public static List<Cell> all() {
    return ALL;
  }

  /**
   * Finds a cell.
   *
   * @param name {@code rnn_tanh}, {@code rnn_relu}, {@code lstm}, {@code gru}, {@code min_gru},
   *     {@code min_gru_signed}, {@code min_lstm}, {@code indrnn}, {@code para_gru}, {@code
   *     para_lstm}, {@code rg_lru} or {@code lru}
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
