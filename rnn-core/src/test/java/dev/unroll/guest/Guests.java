package dev.unroll.guest;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.UnitCell;
import dev.unroll.verify.EasyLstm;
import java.util.List;
import java.util.stream.Stream;

/** The cells that tests loop over: without a recurrent product, with vectors, with a split gate. */
public final class Guests {
  private Guests() {}

  /** {@return the cells of this package} */
  public static List<UnitCell> all() {
    return List.of(new IndRnn(), new PeepholeLstm(), new EasyLstm(), new EasyGru());
  }

  /** {@return the library's cells and those of this package} */
  public static List<Cell> andOurs() {
    return Stream.concat(Cells.all().stream(), all().stream()).toList();
  }
}
