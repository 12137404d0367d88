package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Cell;
import dev.unroll.guest.EasyGru;
import dev.unroll.guest.ForwardingStepCell;
import dev.unroll.guest.Guests;
import dev.unroll.guest.IndRnn;
import dev.unroll.verify.EasyLstm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a cell says of itself is checked before a network is made of it. */
class CellContractTest {
  private static void assertRefused(Cell cell, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecurrentConfig.of(cell, 3, 5))
        .withMessage("Cell '" + cell.name() + "': " + message);
  }

  @Test
  void allCellsKeepTheContract() {
    for (Cell cell : Guests.andOurs()) {
      assertThat(RecurrentConfig.of(cell, 3, 5).cell()).isSameAs(cell);
    }
  }

  /** It trained on wrong gradients in silence. */
  @Test
  void twoSlotsAreRefused() {
    assertRefused(
        new ForwardingStepCell("rnn_tanh") {
          @Override
          public int slots() {
            return 2;
          }
        },
        "slots() is 2, but must be 1 or 4.");
  }

  /** A GRU with something else for its slots. */
  private static Cell gru(int inputFrom, int inputTo, int hiddenFrom, int hiddenTo) {
    return new ForwardingStepCell("gru") {
      @Override
      public Slots inputSlots() {
        return new Slots(inputFrom, inputTo);
      }

      @Override
      public Slots hiddenSlots() {
        return new Slots(hiddenFrom, hiddenTo);
      }
    };
  }

  @Test
  void rangesOfSlotsMustFit() {
    assertRefused(gru(0, 5, 1, 4), "inputSlots() is 0 to 5, but must be a range of its 4 slots.");
    assertRefused(gru(2, 2, 1, 4), "inputSlots() is 2 to 2, but must be a range of its 4 slots.");
    assertRefused(
        gru(0, 3, -1, 2), "hiddenSlots() is -1 to 2, but must be a range of its 4 slots.");
    assertRefused(gru(0, 3, 3, 1), "hiddenSlots() is 3 to 1, but must be a range of its 4 slots.");
  }

  @Test
  void eachGateMustHaveOneSlotOfAProduct() {
    assertRefused(gru(0, 2, 1, 4), "inputSlots() has no slot of gate 1.");
    assertRefused(gru(0, 3, 1, 3), "hiddenSlots() has no slot of gate 2.");
    assertRefused(gru(0, 4, 1, 4), "inputSlots() has two slots of gate 2.");
    assertRefused(
        new ForwardingStepCell("gru") {
          @Override
          public int gate(int slot) {
            return slot;
          }
        },
        "gate(3) is 3, but there are gates 0 to 2.");
    assertRefused(
        new ForwardingStepCell("lstm") {
          @Override
          public int gates() {
            return 0;
          }
        },
        "gates() is 0, but must be at least 1.");
  }

  @Test
  void aRecurrentProductNeedsItsSlots() {
    assertRefused(
        new ForwardingStepCell("lstm") {
          @Override
          public boolean hasRecurrentProduct() {
            return false;
          }
        },
        "hasRecurrentProduct() is false, but hiddenSlots() is 0 to 4: leave hasRecurrentProduct()"
            + " as it is inherited.");
  }

  @Test
  void aUnitCellHasRoomForFourProducts() {
    assertRefused(
        new EasyLstm() {
          @Override
          public int gates() {
            return 5;
          }
        },
        "gates() is 5, but a UnitCell has at most 4, or 3 if it splits the last.");
    assertRefused(
        new EasyLstm() {
          @Override
          public boolean splitsLastGate() {
            return true;
          }
        },
        "gates() is 4, but a UnitCell has at most 4, or 3 if it splits the last.");
    assertRefused(
        new EasyGru() {
          @Override
          public boolean hasRecurrentProduct() {
            return false;
          }
        },
        "splitsLastGate() is true, but there is no recurrent product to split off.");
  }

  private static Cell withVectors(String... names) {
    return new EasyLstm() {
      @Override
      public List<String> vectors() {
        return List.of(names);
      }
    };
  }

  @Test
  void namesOfVectorsMustBeNewAndPlain() {
    assertRefused(withVectors("a", "b", "a"), "vectors() has 'a', which exists already.");
    assertRefused(withVectors("bias_ih"), "vectors() has 'bias_ih', which exists already.");
    assertRefused(withVectors("weight_hh"), "vectors() has 'weight_hh', which exists already.");
    for (String odd : List.of("", "Weight", "a b", "a.b", "1")) {
      assertRefused(
          withVectors(odd),
          "vectors() has '" + odd + "': use lower-case letters, digits and _, such as weight_ci.");
    }
  }

  @Test
  void aCellNeedsAName() {
    assertRefused(
        new EasyLstm() {
          @Override
          public String name() {
            return " ";
          }
        },
        "name() is blank: give it one, such as 'indrnn'.");
  }

  @Test
  void theEasyFormHasNoProjection() {
    RecurrentConfig config = RecurrentConfig.of(new EasyLstm(), 3, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config.withProjSize(2))
        .withMessageContaining("a projection");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecurrentConfig.of(new IndRnn(), 3, 5).withProjSize(2));
  }
}
