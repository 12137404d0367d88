package dev.unroll.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.RandomFloats;
import dev.unroll.run.Linearization;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LyapunovTest {
  private static final int HIDDEN = 12;
  private static final int STEPS = 600;
  private static final int BURN_IN = 50;

  static List<Cell> stepCells() {
    return Cells.all().stream().filter(StepCell.class::isInstance).toList();
  }

  private static Recurrent network(RecurrentConfig config, double scale) {
    Parameters parameters = new Parameters();
    Recurrent network = new Recurrent(parameters, "", config);
    Initializer.recurrentDefault(parameters, "", config.hiddenSize(), Initializer.random(3));
    for (int i = 0; i < parameters.size(); i++) {
      parameters.values()[i] *= (float) scale;
    }
    return network;
  }

  /** A tangent vector carried forward by the Jacobians in double, over the same steps. */
  @ParameterizedTest
  @MethodSource("stepCells")
  void exponentEqualsTheGrowthOfATangentVector(Cell cell) {
    RecurrentConfig config = RecurrentConfig.of(cell, 2, HIDDEN);
    Recurrent network = network(config, 2);
    float[] x = RandomFloats.gaussian(Initializer.random(4), STEPS * 2);
    double exponent = Lyapunov.largest(network, x, STEPS, 1, BURN_IN, 5, Team.single())[0];

    Linearization linear = new Linearization(network, STEPS, Team.single());
    int n = linear.size();
    float[] y = new float[STEPS * HIDDEN];
    float[] before = new float[STEPS * n];
    float[] after = new float[STEPS * n];
    State state = State.zeros(config, 1);
    var ws = network.workspace(1, 1, false);
    for (int t = 0; t < STEPS; t++) {
      System.arraycopy(state.h(), 0, before, t * n, HIDDEN);
      System.arraycopy(state.c(), 0, before, t * n + HIDDEN, n - HIDDEN);
      network.forward(ws, new float[] {x[2 * t], x[2 * t + 1]}, state, null, y, state);
    }
    linear.evaluate(x, before, after);
    double[] v = new double[n];
    java.util.Arrays.setAll(v, i -> Math.cos(i));
    double sum = 0;
    double[] jacobian = new double[n * n];
    for (int t = 0; t < STEPS - BURN_IN; t++) {
      linear.jacobian(t, jacobian);
      double[] next = new double[n];
      double square = 0;
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
          next[i] += jacobian[i * n + k] * v[k];
        }
        square += next[i] * next[i];
      }
      double length = Math.sqrt(square);
      for (int i = 0; i < n; i++) {
        v[i] = next[i] / length;
      }
      sum += t < BURN_IN ? 0 : Math.log(length);
    }
    assertThat(exponent).isCloseTo(sum / (STEPS - 2.0 * BURN_IN), within(.01));
  }

  /** Units do not meet, so the exponent is that of the unit that forgets least. */
  @ParameterizedTest
  @ValueSource(strings = {"min_gru", "min_gru_signed"})
  void exponentOfALinearCellIsThatOfItsSlowestUnit(String name) {
    RecurrentConfig config = RecurrentConfig.of(Cells.named(name), 1, 5);
    Recurrent network = network(config, 1);
    float[] x = RandomFloats.gaussian(Initializer.random(4), STEPS);
    float[] values = network.parameters().values();
    int bias = network.parameters().slice("bias_ih_l0").offset();
    double slowest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < 5; j++) {
      double sum = 0;
      for (int t = BURN_IN; t < STEPS - BURN_IN; t++) {
        double z = 1 / (1 + Math.exp(-(values[j] * x[t] + values[bias + j])));
        sum += Math.log(Math.abs(name.equals("min_gru") ? 1 - z : 1 - 2 * z));
      }
      slowest = Math.max(slowest, sum / (STEPS - 2.0 * BURN_IN));
    }
    double exponent = Lyapunov.largest(network, x, STEPS, 1, BURN_IN, 5, Team.single())[0];
    assertThat(exponent).isCloseTo(slowest, within(1e-3));
  }

  /** ReLUs that are all on are a linear map; off, nothing is left. Sequences are independent. */
  @Test
  void linearMapsHaveTheExponentOfTheirLargestEigenvalue() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_relu"), 1, 6).withNumLayers(2);
    Recurrent network = network(config, 0);
    for (int layer = 0; layer < 2; layer++) {
      var weight = network.parameters().slice("weight_hh_l" + layer);
      Initializer.identity(network.parameters().values(), weight, 1, layer == 0 ? .9 : .7);
      var bias = network.parameters().slice("bias_ih_l" + layer);
      Initializer.constant(network.parameters().values(), bias, 1f);
    }
    network.parameters().gradients()[3] = 2.5f;
    double[] on = Lyapunov.largest(network, new float[300], 150, 2, 40, 1, Team.single());
    assertThat(on[0]).isCloseTo(Math.log(.9), within(1e-4));
    assertThat(on[1]).isCloseTo(Math.log(.9), within(1e-4));
    assertThat(network.parameters().gradients()[3]).isEqualTo(2.5f);
    assertThat(network.parameters().gradients()[4]).isZero();
    for (int layer = 0; layer < 2; layer++) {
      var bias = network.parameters().slice("bias_ih_l" + layer);
      Initializer.constant(network.parameters().values(), bias, -1f);
    }
    network.parameters().changed();
    assertThat(Lyapunov.largest(network, new float[10], 10, 1, 0, 1, Team.single()))
        .containsExactly(Double.NEGATIVE_INFINITY);
  }

  @Test
  void refusesBidirectionalNetworksTooFewStepsAndShortInput() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("gru"), 1, 3);
    Recurrent network = network(config, 1);
    assertThatThrownBy(() -> Lyapunov.largest(network, new float[9], 9, 1, 5, 1, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("burn-in of 5");
    assertThatThrownBy(() -> Lyapunov.largest(network, new float[8], 9, 1, 1, 1, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x has 8");
    Recurrent both = network(config.withBidirectional(true), 1);
    assertThatThrownBy(() -> Lyapunov.largest(both, new float[9], 9, 1, 1, 1, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bidirectional");
  }
}
