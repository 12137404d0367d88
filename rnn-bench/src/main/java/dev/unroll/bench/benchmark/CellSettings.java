package dev.unroll.bench.benchmark;

import dev.unroll.bench.benchmark.Parts.Part;
import dev.unroll.bench.layer.EqualSize;
import dev.unroll.bench.report.CellTables;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a run measures of every cell: passes of equal size, and those that answer the bars. */
final class CellSettings {
  private static final List<Part> OF_ONE_SIZE =
      List.of(Part.FORWARD, Part.INPUT_PRODUCT, Part.TRAINING_STEP);

  /** Long enough that a call's fixed cost does not count, short enough for a call of the widest. */
  private static final int LONG = 1024;

  private static final int MIDDLE = 128;
  private static final int SHORT = 64;
  private static final int SHORTEST = 32;

  private final Set<Setting> settings = new LinkedHashSet<>();

  private CellSettings() {}

  /** Every size, alone and in a batch, and the sizes with an LSTM's parameters. */
  static List<Setting> full() {
    CellSettings all = new CellSettings();
    for (Cell cell : Cells.all()) {
      all.bars(cell);
      for (int batch : CellTables.BATCHES) {
        CellTables.SIZES.forEach(hidden -> all.add(cell.name(), OF_ONE_SIZE, batch, hidden));
        for (int reference : CellTables.REFERENCES) {
          int hidden = EqualSize.hidden(cell.name(), reference);
          all.add(cell.name(), OF_ONE_SIZE, batch, hidden);
        }
      }
    }
    return List.copyOf(all.settings);
  }

  /** One size, and what the bars ask for. */
  static List<Setting> quick() {
    CellSettings all = new CellSettings();
    for (Cell cell : Cells.all()) {
      all.bars(cell);
      all.add(cell.name(), OF_ONE_SIZE, 1, CellTables.SIZE);
    }
    return List.copyOf(all.settings);
  }

  private void bars(Cell cell) {
    add(cell.name(), List.of(Part.TRAINING_STEP), CellTables.TRAINED_BATCH, CellTables.TRAINED);
    if (cell instanceof DeltaCell) {
      add(cell.name(), List.of(Part.FORWARD, Part.INPUT_PRODUCT), 1, CellTables.HEADS_OF_64);
    }
  }

  private void add(String cell, List<Part> parts, int batch, int hidden) {
    for (Part part : parts) {
      settings.add(
          new Setting(
              Parts.class,
              Map.of(
                  "cell", cell,
                  "part", part.name(),
                  "batch", Integer.toString(batch),
                  "steps", Integer.toString(steps(batch, hidden)),
                  "hidden", Integer.toString(hidden),
                  "heads", Integer.toString(EqualSize.heads(cell, hidden)))));
    }
  }

  private static int steps(int batch, int hidden) {
    if (batch == 1) {
      return hidden <= CellTables.SIZE ? LONG : MIDDLE;
    }
    return hidden <= 512 ? SHORT : SHORTEST;
  }
}
