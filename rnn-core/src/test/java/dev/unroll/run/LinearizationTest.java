package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StatePart;
import dev.unroll.guest.Guests;
import dev.unroll.kernel.RandomFloats;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps to the bit those of the network, Jacobians those of its own backward pass. */
@Tag("widths")
class LinearizationTest {
  private static final int STEPS = 9;
  private static final int HIDDEN = 19;

  static List<Cell> cells() {
    return Guests.andOurs().stream()
        .filter(cell -> !(cell instanceof LinearCell || cell instanceof DeltaCell))
        .filter(cell -> cell.states().stream().allMatch(StatePart::differentiable))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void stepAndJacobianEqualTheNetworksOwnStepAndGradients(Cell cell) {
    Parameters parameters = new Parameters();
    RecurrentConfig config = RecurrentConfig.of(cell, 3, HIDDEN);
    Recurrent network = new Recurrent(parameters, "", config);
    RandomGenerator random = Initializer.random(11);
    Initializer.recurrentDefault(parameters, "", HIDDEN, random);
    for (int threads : new int[] {1, 3}) {
      try (Team team = new Team(threads)) {
        Linearization linear = new Linearization(network, STEPS, team);
        int n = linear.size();
        float[] x = RandomFloats.uniform(random, STEPS * 3);
        float[] from = RandomFloats.uniform(random, STEPS * n);
        float[] to = new float[STEPS * n];
        linear.evaluate(x, from, to);
        // What the network does with the same states, each a sequence of one step.
        State before = split(from, n, config);
        State after = State.zeros(config, STEPS);
        Workspace ws = network.workspace(1, STEPS, true);
        float[] y = new float[STEPS * config.stateSize()];
        network.forward(ws, x, before, null, y, after);
        RecurrentTest.assertSame(split(to, n, config), after);
        for (int i = 0; i < n; i++) {
          float[] unit = new float[STEPS * n];
          for (int t = 0; t < STEPS; t++) {
            unit[t * n + i] = 1;
          }
          State row = State.zeros(config, STEPS);
          network.forward(ws, x, before, null, y, null);
          network.backward(ws, x, new float[y.length], split(unit, n, config), null, row);
          for (int t = 0; t < STEPS; t++) {
            double[] jacobian = new double[n * n];
            float[] diagonal = new float[n + 1];
            linear.jacobian(t, jacobian);
            linear.diagonal(t, diagonal, 1);
            for (int k = 0; k < n; k++) {
              int width = row.part(0).length / STEPS;
              float expected = row.part(k / width)[t * width + k % width];
              assertThat(jacobian[i * n + k]).isCloseTo(expected, within(1e-6));
            }
            assertThat((double) diagonal[1 + i]).isCloseTo(jacobian[i * n + i], within(1e-6));
            // The column that unit vector i is mapped to.
            double[] vector = new double[n];
            vector[i] = 1;
            double[] column = new double[n];
            linear.multiply(t, vector, column, new double[linear.room()]);
            for (int k = 0; k < n; k++) {
              assertThat(column[k]).isCloseTo(jacobian[k * n + i], within(1e-12));
            }
          }
        }
      }
    }
  }

  /** A backward pass has no gradient to the stabilizer, so these are held against differences. */
  @Test
  void theJacobianOfAnSlstmIsThatOfDifferencesInAllFourStates() {
    Parameters parameters = new Parameters();
    RecurrentConfig config = RecurrentConfig.of(Cells.named("slstm"), 3, HIDDEN);
    Recurrent network = new Recurrent(parameters, "", config);
    RandomGenerator random = Initializer.random(12);
    Initializer.recurrentDefault(parameters, "", HIDDEN, random);
    Linearization linear = new Linearization(network, STEPS, Team.single());
    int n = linear.size();
    assertThat(n).isEqualTo(4 * HIDDEN);
    float[] x = RandomFloats.uniform(random, STEPS * 3);
    float[] from = RandomFloats.uniform(random, STEPS * n);
    for (int t = 0; t < STEPS; t++) {
      for (int unit = 0; unit < HIDDEN; unit++) {
        from[t * n + 2 * HIDDEN + unit] += 2; // n sums exponentials
      }
    }
    float[] up = new float[STEPS * n];
    float[] down = new float[STEPS * n];
    float[] to = new float[STEPS * n];
    double[] jacobian = new double[n * n];
    float step = .01f;
    int compared = 0;
    int apart = 0;
    for (int k = 0; k < n; k++) {
      linear.evaluate(x, moved(from, n, k, step), up);
      linear.evaluate(x, moved(from, n, k, -step), down);
      linear.evaluate(x, from, to);
      for (int t = 0; t < STEPS; t++) {
        linear.jacobian(t, jacobian);
        for (int i = 0; i < n; i++) {
          double slope = (up[t * n + i] - down[t * n + i]) / (2.0 * step);
          compared++;
          // Where the maximum changes sides in between, no derivative is that of the difference.
          apart += Math.abs(jacobian[i * n + k] - slope) > 2e-3 ? 1 : 0;
        }
      }
    }
    assertThat(apart).isLessThan(compared / 1000);
  }

  private static float[] moved(float[] states, int n, int k, float step) {
    float[] moved = states.clone();
    for (int t = 0; t < STEPS; t++) {
      moved[t * n + k] += step;
    }
    return moved;
  }

  private static State split(float[] states, int n, RecurrentConfig config) {
    State state = State.zeros(config, STEPS);
    for (int t = 0; t < STEPS; t++) {
      for (int i = 0; i < state.parts().size(); i++) {
        int width = state.part(i).length / STEPS;
        System.arraycopy(states, t * n + i * width, state.part(i), t * width, width);
      }
    }
    return state;
  }

  @Test
  void refusesLinearCellsAndStackedLayers() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("min_gru"), 3, 4);
    Recurrent linear = new Recurrent(new Parameters(), "", config);
    assertThatThrownBy(() -> new Linearization(linear, 5, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("linearised");
    Recurrent deep =
        new Recurrent(
            new Parameters(), "", RecurrentConfig.of(Cells.named("gru"), 3, 4).withNumLayers(2));
    assertThatThrownBy(() -> new Linearization(deep, 5, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one layer");
  }
}
