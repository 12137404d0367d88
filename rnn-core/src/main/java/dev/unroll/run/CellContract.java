package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.StepCell.Slots;
import dev.unroll.cell.StripCell;
import dev.unroll.cell.UnitCell;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a cell says of itself must fit together: otherwise it would train on wrong gradients. */
final class CellContract {
  private static final int MOST_SLOTS = 4;
  private static final Pattern TENSOR = Pattern.compile("[a-z][a-z0-9_]*");

  private CellContract() {}

  /**
   * Checks a cell.
   *
   * @throws IllegalArgumentException if something it says does not fit; the message says what
   */
  static void check(Cell cell) {
    require(!cell.name().isBlank(), cell, "name() is blank: give it one, such as 'indrnn'.");
    require(
        cell.gates() >= 1 || cell instanceof DeltaCell,
        cell,
        "gates() is %d, but must be at least 1.".formatted(cell.gates()));
    switch (cell) {
      case DeltaCell _ -> {}
      case StepCell step -> check(step);
      case UnitCell unit -> check(unit);
      case StripCell strip -> {
        require(
            !strip.hasRecurrentProduct(),
            strip,
            "it has no recurrent product: leave hasRecurrentProduct() as it is inherited.");
        require(
            !(strip instanceof LinearCell) || strip.states().size() == 1,
            strip,
            "a LinearCell has one state: leave states() as it is inherited.");
        checkNames(strip, strip.vectors().stream().map(StripCell.Vector::name).toList());
      }
    }
  }

  private static void check(StepCell cell) {
    int slots = cell.slots();
    require(
        slots == 1 || slots == MOST_SLOTS,
        cell,
        "slots() is %d, but must be 1 or 4.".formatted(slots));
    check(cell, "inputSlots()", cell.inputSlots());
    require(
        cell.hasRecurrentProduct() == (cell.hiddenSlots().count() != 0),
        cell,
        ("hasRecurrentProduct() is %s, but hiddenSlots() is %d to %d: leave hasRecurrentProduct()"
                + " as it is inherited.")
            .formatted(
                cell.hasRecurrentProduct(), cell.hiddenSlots().from(), cell.hiddenSlots().to()));
    if (cell.hasRecurrentProduct()) {
      check(cell, "hiddenSlots()", cell.hiddenSlots());
    }
  }

  /** Each gate must have one slot of a product. */
  private static void check(StepCell cell, String product, Slots range) {
    require(
        0 <= range.from() && range.from() < range.to() && range.to() <= cell.slots(),
        cell,
        "%s is %d to %d, but must be a range of its %d slots."
            .formatted(product, range.from(), range.to(), cell.slots()));
    List<Integer> fed = new ArrayList<>();
    for (int slot = range.from(); slot < range.to(); slot++) {
      int gate = cell.gate(slot);
      require(
          0 <= gate && gate < cell.gates(),
          cell,
          "gate(%d) is %d, but there are gates 0 to %d.".formatted(slot, gate, cell.gates() - 1));
      require(!fed.contains(gate), cell, "%s has two slots of gate %d.".formatted(product, gate));
      fed.add(gate);
    }
    for (int gate = 0; gate < cell.gates(); gate++) {
      require(fed.contains(gate), cell, "%s has no slot of gate %d.".formatted(product, gate));
    }
  }

  private static void check(UnitCell cell) {
    boolean splits = cell.splitsLastGate();
    int most = splits ? MOST_SLOTS - 1 : MOST_SLOTS;
    require(
        cell.gates() <= most,
        cell,
        "gates() is %d, but a UnitCell has at most 4, or 3 if it splits the last."
            .formatted(cell.gates()));
    require(
        !splits || cell.hasRecurrentProduct(),
        cell,
        "splitsLastGate() is true, but there is no recurrent product to split off.");
    checkNames(cell, cell.vectors());
  }

  private static void checkNames(Cell cell, List<String> names) {
    Set<String> taken = new HashSet<>(List.of("weight_ih", "bias_ih"));
    if (cell.hasRecurrentProduct()) {
      taken.addAll(List.of("weight_hh", "bias_hh"));
    }
    for (String name : names) {
      require(
          TENSOR.matcher(name).matches(),
          cell,
          "vectors() has '%s': use lower-case letters, digits and _, such as weight_ci."
              .formatted(name));
      require(taken.add(name), cell, "vectors() has '%s', which exists already.".formatted(name));
    }
  }

  private static void require(boolean fits, Cell cell, String otherwise) {
    if (!fits) {
      throw new IllegalArgumentException("Cell '" + cell.name() + "': " + otherwise);
    }
  }
}
