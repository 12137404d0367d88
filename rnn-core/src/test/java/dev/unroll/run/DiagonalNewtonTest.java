package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiagonalNewtonTest {
  private static final int STEPS = 150;
  private static final int INPUTS = 5;

  /** Two strips, the second not full. */
  private static final int HIDDEN = 70;

  private static final double TOLERANCE = 1e-5;

  private final RandomGenerator random = Initializer.random(3);

  private Recurrent network(String cell) {
    Recurrent network = new Recurrent(RecurrentConfig.of(Cells.named(cell), INPUTS, HIDDEN));
    Initializer.recurrentDefault(network.parameters(), "", HIDDEN, random);
    return network;
  }

  private float[] normal(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"indrnn", "para_gru", "para_lstm", "lru"})
  void findsWhatStepsGiveInFewIterationsOnAnyThreads(String cell) {
    Recurrent network = network(cell);
    RecurrentConfig config = network.config();
    float[] x = normal(STEPS * INPUTS);
    State initial = State.zeros(config, 1);
    for (float[] part : initial.parts()) {
      System.arraycopy(normal(part.length), 0, part, 0, part.length);
    }
    float[] expected = new float[STEPS * config.outputSize()];
    network.forward(
        network.workspace(STEPS, 1, false, Team.single()), x, initial, null, expected, null);
    float[] one = {};
    for (int threads = 1; threads <= 4; threads++) {
      float[] y = new float[expected.length];
      try (Team team = new Team(threads)) {
        DiagonalNewton newton = new DiagonalNewton(network, STEPS, TOLERANCE, STEPS, team);
        assertThat(newton.solve(x, initial, y)).isTrue();
        assertThat(newton.iterations()).isBetween(2, 15);
        float[] again = new float[y.length];
        newton.solve(x, initial, again);
        assertThat(again).isEqualTo(y);
      }
      for (int i = 0; i < y.length; i++) {
        assertThat(y[i]).as("%s, y[%d]", cell, i).isCloseTo(expected[i], within(1e-4f));
      }
      one = threads == 1 ? y : one;
      assertThat(y).as("%d threads", threads).isEqualTo(one);
    }
  }

  /** What is linear needs one iteration, and another to see that it did. */
  @Test
  void aLinearRecurrenceIsSolvedAtOnce() {
    Recurrent network = network("lru");
    DiagonalNewton newton = new DiagonalNewton(network, STEPS, TOLERANCE, STEPS, Team.single());
    assertThat(newton.solve(normal(STEPS * INPUTS), null, new float[STEPS * 2 * HIDDEN])).isTrue();
    assertThat(newton.iterations()).isEqualTo(2);
  }

  @Test
  void saysWhenTheIterationsAreUsedUp() {
    Recurrent network = network("para_gru");
    DiagonalNewton newton = new DiagonalNewton(network, STEPS, TOLERANCE, 1, Team.single());
    assertThat(newton.solve(normal(STEPS * INPUTS), null, new float[STEPS * HIDDEN])).isFalse();
    assertThat(newton.residual()).isGreaterThan(TOLERANCE);
  }

  @Test
  void aNumberThatIsNotFiniteEndsIt() {
    Recurrent network = network("para_lstm");
    float[] x = normal(STEPS * INPUTS);
    x[7] = Float.NaN;
    DiagonalNewton newton = new DiagonalNewton(network, STEPS, TOLERANCE, STEPS, Team.single());
    assertThat(newton.solve(x, null, new float[STEPS * HIDDEN])).isFalse();
    assertThat(newton.iterations()).isEqualTo(1);
  }

  @Test
  void refusesOtherCellsAndNumbers() {
    assertThatThrownBy(() -> new DiagonalNewton(network("gru"), 8, 1e-5, 8, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as para_gru");
    assertThatThrownBy(() -> new DiagonalNewton(network("para_gru"), 8, 0, 8, Team.single()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be positive");
  }
}
