package dev.unroll.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import dev.unroll.guest.EasyGru;
import dev.unroll.guest.ForwardingStepCell;
import dev.unroll.guest.Guests;
import dev.unroll.guest.PeepholeLstm;
import dev.unroll.guest.Sum;
import dev.unroll.verify.EasyLstm;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientsTest {
  static List<Cell> cells() {
    return Stream.concat(Guests.andOurs().stream(), Sum.all().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void rightGradientsPass(Cell cell) {
    Gradients.Worst worst = Gradients.check(cell);
    assertThat(worst.error()).isLessThan(.01);
    assertThat(worst.network()).startsWith(cell.name());
  }

  private static ThrowableAssertAlternative<AssertionError> assertRefused(Cell cell) {
    return assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(() -> Gradients.check(cell))
        .withMessageStartingWith("Cell '" + cell.name() + "': ");
  }

  /** A peephole LSTM whose backward then goes wrong. */
  private static UnitCell peephole(Consumer<Unit> mistake) {
    return new PeepholeLstm() {
      @Override
      public void backward(Unit u) {
        super.backward(u);
        mistake.accept(u);
      }
    };
  }

  @Test
  void eachForgottenGradientToAVectorIsFoundByName() {
    Map<Integer, String> names = Map.of(0, "weight_ci_l", 1, "weight_cf_l", 2, "weight_co_l");
    names.forEach(
        (vector, name) ->
            assertRefused(peephole(u -> u.dVector[vector] = 0))
                .withMessageContaining("the gradient to " + name)
                .withMessageContaining("is 0.00000 and should be "));
  }

  @Test
  void aFlippedSignIsFound() {
    for (int gate = 0; gate < 4; gate++) {
      int flipped = gate;
      assertRefused(peephole(u -> u.dGate[flipped] = -u.dGate[flipped]));
    }
    assertRefused(peephole(u -> u.dVector[1] = -u.dVector[1])).withMessageContaining("weight_cf_l");
  }

  @Test
  void aMissingFactorIsFound() {
    assertRefused(peephole(u -> u.dGate[2] /= 1 - square(UnitCell.tanh(u.gate[2]))));
  }

  private static float square(float x) {
    return x * x;
  }

  @Test
  void aForgottenGradientOfTheCellStateIsFound() {
    assertRefused(peephole(u -> u.dcBefore = 0));
    assertRefused(
        new EasyLstm() {
          @Override
          public void backward(Unit u) {
            u.dc = 0;
            super.backward(u);
          }
        });
  }

  @Test
  void aForgottenGradientOfTheStateBeforeOrOfASplitProductIsFound() {
    assertRefused(
        new EasyGru() {
          @Override
          public void backward(Unit u) {
            super.backward(u);
            u.dhBefore = 0;
          }
        });
    assertRefused(
        new EasyGru() {
          @Override
          public void backward(Unit u) {
            super.backward(u);
            u.dRecurrent = u.dGate[2];
          }
        });
  }

  /** Kinks of several kinds, one of them in the gates, and a jump in none. */
  @Test
  void aCellOfManyKinksPasses() {
    assertThatCode(() -> Gradients.check(new HardLstm())).doesNotThrowAnyException();
  }

  private static final class HardLstm extends EasyLstm {
    private static float hardSigmoid(float x) {
      return Math.clamp(.2f * x + .5f, 0f, 1f);
    }

    private static float hardSlope(float x) {
      return Math.abs(x) < 2.5f ? .2f : 0;
    }

    @Override
    public void forward(Unit u) {
      float f = hardSigmoid(u.gate[1]);
      u.c = f * u.cBefore + hardSigmoid(u.gate[0]) * Math.max(0, u.gate[2]);
      u.h = hardSigmoid(u.gate[3]) * Math.clamp(u.c, -.5f, .5f);
    }

    @Override
    public void backward(Unit u) {
      float dc = u.dc + (Math.abs(u.c) < .5f ? u.dh * hardSigmoid(u.gate[3]) : 0);
      u.dGate[0] = dc * Math.max(0, u.gate[2]) * hardSlope(u.gate[0]);
      u.dGate[1] = dc * u.cBefore * hardSlope(u.gate[1]);
      u.dGate[2] = u.gate[2] > 0 ? dc * hardSigmoid(u.gate[0]) : 0;
      u.dGate[3] = u.dh * Math.clamp(u.c, -.5f, .5f) * hardSlope(u.gate[3]);
      u.dcBefore = dc * hardSigmoid(u.gate[1]);
    }
  }

  @Test
  void mistakesInTheFastFormAreFound() {
    assertRefused(
        new ForwardingStepCell("lstm") {
          @Override
          protected void afterBackward(float[] gates, int g0, float[][] gradients, int d0) {
            gradients[1][d0] = 0;
          }
        });
    assertRefused(
        new ForwardingStepCell("gru") {
          @Override
          protected void afterBackward(float[] gates, int g0, float[][] gradients, int d0) {
            gates[g0] = -gates[g0];
          }
        });
  }

  /** As where a cell divides by what is 0 there. */
  @Test
  void unitsPastTheLastThatAreNotFiniteAreFound() {
    assertRefused(
            new ForwardingStepCell("lstm") {
              @Override
              protected void afterBackward(float[] gates, int g0, float[][] gradients, int d0) {
                for (int unit = 0; unit < 16; unit++) {
                  gates[g0 + unit] = square(gates[g0 + unit]) / gates[g0 + unit];
                }
              }
            })
        .withMessageContaining("is NaN: units past H");
  }

  /** A gradient of 0 hides that there is none. */
  @Test
  void outputsThatAreNotFiniteAreFound() {
    assertRefused(
            new EasyGru() {
              @Override
              public void forward(Unit u) {
                u.h = (float) Math.sqrt(-1);
              }

              @Override
              public void backward(Unit u) {
                u.dhBefore = 0;
              }
            })
        .withMessageContaining("an output is not finite");
  }

  @Test
  void resultsThatDependOnTheThreadAreFound() {
    Thread own = Thread.currentThread();
    assertRefused(
            new EasyLstm() {
              @Override
              public void forward(Unit u) {
                super.forward(u);
                u.h *= own.equals(Thread.currentThread()) ? 1 : 1.0001f;
              }
            })
        .withMessageContaining("3 threads");
  }

  @Test
  void memoryFromOneCallToTheNextIsFound() {
    AtomicInteger calls = new AtomicInteger();
    assertRefused(
        new EasyLstm() {
          @Override
          public void forward(Unit u) {
            super.forward(u);
            u.h *= 1 + calls.getAndIncrement() % 7 * 1e-6f;
          }
        });
  }

  @Test
  void aCellThatOnlyRunsForwardSaysSo() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Gradients.check(new ForwardOnly()))
        .withMessage(
            "Cell 'forward_only' only runs forward: to train it, override backward(Unit).");
  }

  private static final class ForwardOnly implements UnitCell {
    @Override
    public String name() {
      return "forward_only";
    }

    @Override
    public int gates() {
      return 1;
    }

    @Override
    public void forward(Unit u) {
      u.h = u.gate[0];
    }
  }
}
