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
import java.util.Arrays;
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
    return Cells.all().stream()
        .filter(StepCell.class::isInstance)
        .filter(cell -> cell.states().size() <= 2)
        .toList();
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
      if (n > HIDDEN) {
        System.arraycopy(state.c(), 0, before, t * n + HIDDEN, HIDDEN);
      }
      network.forward(ws, new float[] {x[2 * t], x[2 * t + 1]}, state, null, y, state);
    }
    linear.evaluate(x, before, after);
    double[] v = new double[n];
    Arrays.setAll(v, i -> Math.cos(i));
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

  /** How volumes shrink: all exponents together are the mean of log |det J| (Liouville). */
  @ParameterizedTest
  @MethodSource("stepCells")
  void theSpectrumBeginsWithTheLargestAndAddsUpToTheDeterminant(Cell cell) {
    RecurrentConfig config = RecurrentConfig.of(cell, 2, 4);
    Recurrent network = network(config, 2);
    float[] x = RandomFloats.gaussian(Initializer.random(4), STEPS * 2);
    Linearization linear = new Linearization(network, STEPS, Team.single());
    int n = linear.size();
    float[] y = new float[STEPS * 4];
    float[] before = new float[STEPS * n];
    State state = State.zeros(config, 1);
    var ws = network.workspace(1, 1, false);
    for (int t = 0; t < STEPS; t++) {
      System.arraycopy(state.h(), 0, before, t * n, 4);
      if (n > 4) {
        System.arraycopy(state.c(), 0, before, t * n + 4, 4);
      }
      network.forward(ws, new float[] {x[2 * t], x[2 * t + 1]}, state, null, y, state);
    }
    linear.evaluate(x, before, new float[STEPS * n]);
    double logarithm = 0;
    double[] jacobian = new double[n * n];
    for (int t = BURN_IN; t < STEPS - BURN_IN; t++) {
      linear.jacobian(t, jacobian);
      double[][] rows = new double[n][];
      for (int i = 0; i < n; i++) {
        rows[i] = Arrays.copyOfRange(jacobian, i * n, (i + 1) * n);
      }
      logarithm += Math.log(Math.abs(determinant(rows)));
    }
    double[] spectrum = Lyapunov.spectrum(network, x, STEPS, n, BURN_IN, 5, Team.single());
    double sum = Arrays.stream(spectrum).sum();
    if (Double.isInfinite(logarithm)) { // a ReLU was off
      assertThat(sum).isEqualTo(logarithm);
    } else {
      assertThat(sum).isCloseTo(logarithm / (STEPS - 2.0 * BURN_IN), within(.01 * n));
    }
    assertThat(spectrum[0])
        .isCloseTo(
            Lyapunov.largest(network, x, STEPS, 1, BURN_IN, 5, Team.single())[0], within(.01));
    for (int i = 1; i < n; i++) {
      assertThat(spectrum[i]).isLessThanOrEqualTo(spectrum[i - 1] + .02);
    }
    assertThat(Lyapunov.spectrum(network, x, STEPS, 2, BURN_IN, 5, Team.single())[1])
        .isCloseTo(spectrum[1], within(.01));
  }

  /** By elimination with the largest pivot. */
  private static double determinant(double[][] rows) {
    double determinant = 1;
    for (int i = 0; i < rows.length; i++) {
      int best = i;
      for (int k = i + 1; k < rows.length; k++) {
        best = Math.abs(rows[k][i]) > Math.abs(rows[best][i]) ? k : best;
      }
      double[] pivot = rows[best];
      rows[best] = rows[i];
      rows[i] = pivot;
      determinant *= pivot[i];
      if (determinant == 0) {
        return 0;
      }
      for (int k = i + 1; k < rows.length; k++) {
        double factor = rows[k][i] / pivot[i];
        for (int j = i; j < rows.length; j++) {
          rows[k][j] -= factor * pivot[j];
        }
      }
    }
    return determinant;
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
    double[] units = new double[5];
    for (int j = 0; j < 5; j++) {
      double sum = 0;
      for (int t = BURN_IN; t < STEPS - BURN_IN; t++) {
        double z = 1 / (1 + Math.exp(-(values[j] * x[t] + values[bias + j])));
        sum += Math.log(Math.abs(name.equals("min_gru") ? 1 - z : 1 - 2 * z));
      }
      units[j] = sum / (STEPS - 2.0 * BURN_IN);
    }
    Arrays.sort(units);
    double exponent = Lyapunov.largest(network, x, STEPS, 1, BURN_IN, 5, Team.single())[0];
    assertThat(exponent).isCloseTo(units[4], within(1e-3));
    double[] spectrum = Lyapunov.spectrum(network, x, STEPS, 5, BURN_IN, 5, Team.single());
    for (int i = 0; i < 5; i++) {
      assertThat(spectrum[i]).isCloseTo(units[4 - i], within(2e-2));
    }
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
    double[] all = Lyapunov.spectrum(network, new float[150], 150, 12, 40, 1, Team.single());
    assertThat(all[0]).isCloseTo(Math.log(.9), within(.02));
    assertThat(all[11]).isCloseTo(Math.log(.7), within(.02));
    assertThat(Arrays.stream(all).sum()).isCloseTo(6 * Math.log(.63), within(1e-3));
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
    assertThatThrownBy(() -> Lyapunov.spectrum(network, new float[9], 9, 4, 1, 1, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count is 4: the state has 3 elements, so give 1 to 3.");
    Recurrent both = network(config.withBidirectional(true), 1);
    assertThatThrownBy(() -> Lyapunov.largest(both, new float[9], 9, 1, 1, 1, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bidirectional");
  }
}
