package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.UnitCell;
import dev.unroll.guest.EasyGru;
import dev.unroll.guest.Guests;
import dev.unroll.guest.PeepholeLstm;
import dev.unroll.guest.Sum;
import dev.unroll.kernel.Lanes;
import dev.unroll.verify.EasyLstm;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cells in the easy form compute what their equations say. */
@Tag("widths")
class GuestTest {
  static List<Cell> cells() {
    return Guests.andOurs();
  }

  static List<UnitCell> twins() {
    return List.of(new EasyLstm(), new EasyGru());
  }

  private static void assertClose(float[] actual, float[] expected) {
    double magnitude = 0;
    for (float value : expected) {
      magnitude = Math.max(magnitude, Math.abs(value));
    }
    assertThat(actual).containsExactly(expected, within((float) (1e-6 * magnitude)));
  }

  @ParameterizedTest
  @MethodSource("twins")
  void bothFormsOfACellAgree(UnitCell easy) {
    float[][] fast = run(Cells.named(easy.name()));
    float[][] slow = run(easy);
    for (int i = 0; i < fast.length; i++) {
      assertClose(slow[i], fast[i]);
    }
  }

  private static float[][] run(Cell cell) {
    RecurrentConfig config =
        RecurrentConfig.of(cell, 4, 21).withNumLayers(2).withBidirectional(true);
    RecurrentCase.Data data = new RecurrentCase(config, 6, 7, true).data();
    Workspace workspace = data.recurrent().workspace(6, 7, true, Team.single());
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    float[] gradX = new float[x.length];
    State gradInitial = State.zeros(config, 7);
    data.recurrent().forward(workspace, x, data.initial(), data.lengths(), y, null);
    float[] gradY = RecurrentCase.floats(data.gradY());
    data.recurrent().backward(workspace, x, gradY, data.gradLast(), gradX, gradInitial);
    return RecurrentTest.withStates(List.of(y, data.layout().gradients(), gradX), gradInitial);
  }

  /** Against the equations in double, for one unit that sees one input. */
  @Test
  void peepholesAreAddedWhereTheEquationsHaveThem() {
    Parameters parameters = new Parameters();
    Recurrent network = new Recurrent(parameters, "", RecurrentConfig.of(new PeepholeLstm(), 1, 1));
    Initializer.recurrentDefault(parameters, "", 1, Initializer.random(3));
    float[] x = {.5f, -1, .25f, 2};
    float[] y = new float[x.length];
    network.forward(network.workspace(x.length, 1, false, Team.single()), x, null, null, y, null);
    double h = 0;
    double c = 0;
    for (int t = 0; t < x.length; t++) {
      double[] pre = new double[4];
      for (int gate = 0; gate < 4; gate++) {
        pre[gate] =
            value(parameters, "weight_ih_l0", gate) * x[t]
                + value(parameters, "bias_ih_l0", gate)
                + value(parameters, "weight_hh_l0", gate) * h
                + value(parameters, "bias_hh_l0", gate);
      }
      double i = sigmoid(pre[0] + value(parameters, "weight_ci_l0", 0) * c);
      double f = sigmoid(pre[1] + value(parameters, "weight_cf_l0", 0) * c);
      c = f * c + i * Math.tanh(pre[2]);
      double o = sigmoid(pre[3] + value(parameters, "weight_co_l0", 0) * c);
      h = o * Math.tanh(c);
      assertThat((double) y[t]).isCloseTo(h, within(1e-6));
    }
  }

  private static double value(Parameters parameters, String name, int i) {
    return parameters.values()[parameters.slice(name).offset() + i];
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static List<UnitCell> shapes() {
    return Sum.all();
  }

  /** One step of 70 units, which is several groups of columns, against the products in double. */
  @ParameterizedTest
  @MethodSource("shapes")
  void eachGateGetsItsProducts(UnitCell cell) {
    RecurrentConfig config = RecurrentConfig.of(cell, 2, 70);
    RecurrentCase.Data data = new RecurrentCase(config, 1, 2, false).data();
    float[] y = new float[140];
    data.recurrent()
        .forward(
            data.recurrent().workspace(1, 2, false, Team.single()),
            RecurrentCase.floats(data.x()),
            data.initial(),
            null,
            y,
            null);
    for (int i = 0; i < y.length; i++) {
      int b = i / 70;
      int unit = i % 70;
      double expected = -.5 * data.first()[0][i];
      for (int gate = 0; gate < cell.gates(); gate++) {
        int row = gate * 70 + unit;
        expected += .2 * (gate + 1) * product(data, "ih", row, data.x(), b);
        if (cell.hasRecurrentProduct()) {
          boolean split = cell.splitsLastGate() && gate == cell.gates() - 1;
          expected +=
              (split ? .25 : .2 * (gate + 1)) * product(data, "hh", row, data.first()[0], b);
        }
      }
      assertThat((double) y[i]).isCloseTo(expected, within(1e-5));
    }
  }

  private static double product(
      RecurrentCase.Data data, String which, int row, double[] from, int b) {
    int k = from.length / 2;
    double sum = value(data.layout(), "bias_" + which + "_l0", row);
    for (int i = 0; i < k; i++) {
      sum += value(data.layout(), "weight_" + which + "_l0", row * k + i) * from[b * k + i];
    }
    return sum;
  }

  @Test
  void vectorsAreNamedAndFilledLikeOtherParameters() {
    Parameters parameters = new Parameters();
    RecurrentConfig config =
        RecurrentConfig.of(new PeepholeLstm(), 2, 9).withNumLayers(2).withBidirectional(true);
    Recurrent unused = new Recurrent(parameters, "rnn.", config);
    assertThat(unused.config()).isSameAs(config);
    Initializer.recurrentDefault(parameters, "rnn.", 9, Initializer.random(5));
    for (String suffix : List.of("_l0", "_l0_reverse", "_l1", "_l1_reverse")) {
      for (String name : List.of("weight_ci", "weight_cf", "weight_co")) {
        Slice slice = parameters.slice("rnn." + name + suffix);
        assertThat(slice.shape()).containsExactly(9);
        for (int i = 0; i < 9; i++) {
          assertThat(Math.abs(parameters.values()[slice.offset() + i])).isBetween(1e-6f, 1 / 3f);
        }
      }
    }
  }

  /** Without vectors, which an interpreter boxes, so that the count is exact. */
  @ParameterizedTest
  @MethodSource("cells")
  void passesAllocateNothing(Cell cell) {
    Assumptions.assumeFalse(Lanes.VECTOR, "plain Java only");
    RecurrentConfig config =
        RecurrentConfig.of(cell, 5, 19).withNumLayers(2).withBidirectional(true);
    RecurrentCase.Data data = new RecurrentCase(config, 6, 7, true).data();
    Workspace workspace = data.recurrent().workspace(6, 7, true, Team.single());
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    float[] gradX = new float[x.length];
    State state = data.initial();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int call = 0; call < 5; call++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      data.recurrent().forward(workspace, x, state, data.lengths(), y, state);
      data.recurrent().backward(workspace, x, y, state, gradX, state);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }
}
