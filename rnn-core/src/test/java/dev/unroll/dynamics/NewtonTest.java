package dev.unroll.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StepCell;
import dev.unroll.dynamics.Newton.Jacobian;
import dev.unroll.dynamics.Newton.Options;
import dev.unroll.dynamics.Newton.Outcome;
import dev.unroll.dynamics.Newton.Solution;
import dev.unroll.kernel.RandomFloats;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.ScanForm;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All steps at once give what the serial network gives, or say that they do not. */
class NewtonTest {
  private static final int STEPS = 200;
  private static final int HIDDEN = 10;
  private static final double TOLERANCE = 1e-5;

  static List<Cell> cells() {
    return Cells.all().stream().filter(StepCell.class::isInstance).toList();
  }

  /** Not the sLSTM: its n has to move by tens, and damped steps are short. */
  static List<Cell> shortCells() {
    return cells().stream().filter(cell -> cell.states().size() <= 2).toList();
  }

  /** A network, its input, and its states one after another, {@code [T, n]}. */
  private record Case(Recurrent network, float[] x, State initial, float[] serial) {
    Solution solve(Options options, Team team) {
      return Newton.solve(network, x, STEPS, initial, options, team);
    }

    Solution solve(float[] guess, Options options, Newton.Observer observer) {
      return Newton.solve(network, x, STEPS, initial, guess, options, observer, Team.single());
    }

    double error(Solution solution) {
      double worst = 0;
      for (int t = 0; t < STEPS; t++) {
        worst = Math.max(worst, error(solution.states(), t));
      }
      return worst;
    }

    private double error(float[] states, int t) {
      int n = states.length / STEPS;
      double worst = 0;
      for (int j = 0; j < n; j++) {
        worst = Math.max(worst, Math.abs(states[t * n + j] - serial[t * n + j]));
      }
      return worst;
    }

    /** How many steps from the first on are right. */
    int leading(float[] states) {
      int t = 0;
      while (t < STEPS && error(states, t) <= TOLERANCE) {
        t++;
      }
      return t;
    }
  }

  private static Case network(Cell cell, double scale) {
    RecurrentConfig config = RecurrentConfig.of(cell, 2, HIDDEN);
    Parameters parameters = new Parameters();
    Recurrent network = new Recurrent(parameters, "", config);
    RandomGenerator random = Initializer.random(8);
    Initializer.recurrentDefault(parameters, "", HIDDEN, random);
    var weight = parameters.slice("weight_hh_l0");
    for (int i = 0; i < weight.size(); i++) {
      parameters.values()[weight.offset() + i] *= (float) scale;
    }
    float[] x = RandomFloats.gaussian(random, STEPS * 2);
    State initial = State.zeros(config, 1);
    for (int j = 0; j < HIDDEN; j++) {
      initial.h()[j] = random.nextFloat(-1, 1);
    }
    var ws = network.workspace(1, 1, false);
    float[] serial = new float[STEPS * config.stateWidth()];
    float[] y = new float[HIDDEN];
    State state = initial.copy();
    int at = 0;
    for (int t = 0; t < STEPS; t++) {
      network.forward(ws, new float[] {x[2 * t], x[2 * t + 1]}, state, null, y, state);
      for (float[] part : state.parts()) {
        System.arraycopy(part, 0, serial, at, part.length);
        at += part.length;
      }
    }
    return new Case(network, x, initial, serial);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void fullJacobiansConvergeInFewIterations(Cell cell) {
    Case c = network(cell, 1);
    Solution solution = c.solve(Options.deer(), Team.single());
    assertThat(solution.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(solution.iterations()).isLessThan(12);
    assertThat(solution.change()).isLessThanOrEqualTo(TOLERANCE);
    assertThat(c.error(solution)).isLessThanOrEqualTo(TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void diagonalJacobiansConvergeInMoreIterations(Cell cell) {
    Case c = network(cell, 1);
    Options diagonal = Options.deer().withJacobian(Jacobian.DIAGONAL);
    Solution solution = c.solve(diagonal, Team.single());
    assertThat(solution.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(solution.iterations())
        .isGreaterThan(c.solve(Options.deer(), Team.single()).iterations());
    // Convergence is linear: the last change is of the size of what is left.
    assertThat(c.error(solution)).isLessThanOrEqualTo(10 * TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("shortCells")
  void dampedNewtonConvergesInMoreIterations(Cell cell) {
    Case c = network(cell, 1);
    for (Jacobian jacobian : Jacobian.values()) {
      Options plain = Options.deer().withJacobian(jacobian);
      Solution solution = c.solve(plain.withDamping(.1), Team.single());
      assertThat(solution.outcome()).as("%s", jacobian).isEqualTo(Outcome.CONVERGED);
      assertThat(solution.iterations()).isGreaterThan(c.solve(plain, Team.single()).iterations());
      assertThat(c.error(solution)).isLessThanOrEqualTo(10 * TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void blocksConvergeToTheSameBitsForAnyNumberOfThreads(Cell cell) {
    Case c = network(cell, 1);
    for (Jacobian jacobian : Jacobian.values()) {
      Options blocked = Options.deer().withJacobian(jacobian).withForm(ScanForm.BLOCKED);
      Solution one = c.solve(blocked, Team.single());
      assertThat(one.outcome()).isEqualTo(Outcome.CONVERGED);
      assertThat(c.error(one)).isLessThanOrEqualTo(10 * TOLERANCE);
      try (Team team = new Team(3)) {
        Solution three = c.solve(blocked, team);
        assertThat(three.states()).isEqualTo(one.states());
        assertThat(three.iterations()).isEqualTo(one.iterations());
        Options damped = blocked.withDamping(.1).withMaxIterations(20);
        assertThat(c.solve(damped, team).states())
            .isEqualTo(c.solve(damped, Team.single()).states());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void scaledJacobiansConvergeInMoreIterations(Cell cell) {
    Case c = network(cell, 1);
    for (double scale : new double[] {0, .5}) {
      Solution solution = c.solve(Options.deer().withScale(scale), Team.single());
      assertThat(solution.outcome()).isEqualTo(Outcome.CONVERGED);
      assertThat(solution.iterations())
          .isGreaterThan(c.solve(Options.deer(), Team.single()).iterations());
      assertThat(c.error(solution)).isLessThanOrEqualTo(TOLERANCE);
    }
  }

  /** Large weights: the first changes grow by orders of magnitude a step until they overflow. */
  @Test
  void dampingConvergesWhereNewtonDiverges() {
    Case c = network(Cells.named("rnn_tanh"), 9);
    Options plain = Options.deer().withJacobian(Jacobian.DIAGONAL);
    Solution diverged = c.solve(plain, Team.single());
    assertThat(diverged.outcome()).isEqualTo(Outcome.DIVERGED);
    assertThat(diverged.change()).isInfinite();
    Solution damped = c.solve(plain.withDamping(.001), Team.single());
    assertThat(damped.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(c.error(damped)).isLessThanOrEqualTo(10 * TOLERANCE);
    Solution reset = c.solve(plain.withReset(true), Team.single());
    assertThat(reset.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(reset.iterations()).isLessThanOrEqualTo(STEPS + 3);
    assertThat(c.error(reset)).isLessThanOrEqualTo(TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theSolutionAsTheGuessIsConfirmedByOneIteration(Cell cell) {
    Case c = network(cell, 3);
    Options plain = Options.deer().withReset(true);
    Solution solution = c.solve(plain, Team.single());
    assertThat(solution.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(solution.iterations()).isGreaterThan(2);
    float[] guess = solution.states().clone();
    Solution again = c.solve(guess, plain, (iteration, states) -> {});
    assertThat(again.outcome()).isEqualTo(Outcome.CONVERGED);
    assertThat(again.iterations()).isEqualTo(1);
    assertThat(guess).isEqualTo(solution.states());
    assertThatThrownBy(() -> c.solve(new float[3], plain, (iteration, states) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("guess");
  }

  /** Whatever the guess, each iteration makes at least one more leading state right. */
  @ParameterizedTest
  @MethodSource("cells")
  void theFrontOfRightStatesMovesAtLeastOneStepAnIteration(Cell cell) {
    Case c = network(cell, 9);
    Options plain = Options.deer().withReset(true).withMaxIterations(60);
    float[] guess = Newton.stepsFromZero(c.network(), c.x(), STEPS, Team.single());
    List<Integer> front = new ArrayList<>();
    Solution last = c.solve(guess, plain, (iteration, states) -> front.add(c.leading(states)));
    assertThat(front).hasSize(last.iterations());
    for (int i = 0; i < front.size(); i++) {
      assertThat(front.get(i)).isGreaterThanOrEqualTo(Math.min(i + 1, STEPS));
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void stepsFromZeroForgetTheStepsBefore(Cell cell) {
    Case c = network(cell, 1);
    float[] all = Newton.stepsFromZero(c.network(), c.x(), STEPS, Team.single());
    State after = State.zeros(c.network().config(), 1);
    c.network()
        .forward(
            c.network().workspace(1, 1, false),
            new float[] {c.x()[2 * 7], c.x()[2 * 7 + 1]},
            State.zeros(c.network().config(), 1),
            null,
            new float[HIDDEN],
            after);
    int n = all.length / STEPS;
    int at = 7 * n;
    for (float[] part : after.parts()) {
      assertThat(Arrays.copyOfRange(all, at, at + HIDDEN)).isEqualTo(part);
      at += HIDDEN;
    }
  }

  @Test
  void reportsThatIterationsRanOut() {
    Case c = network(Cells.named("rnn_tanh"), 4);
    Solution few = c.solve(Options.deer().withMaxIterations(3), Team.single());
    assertThat(few.outcome()).isEqualTo(Outcome.EXHAUSTED);
    assertThat(few.iterations()).isEqualTo(3);
    assertThat(few.change()).isGreaterThan(TOLERANCE);
  }

  @Test
  void refusesOptionsOutOfRange() {
    assertThatThrownBy(() -> Options.deer().withTolerance(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tolerance 0.0");
    assertThatThrownBy(() -> Options.deer().withScale(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scale is 1.5");
    assertThatThrownBy(() -> Options.deer().withDamping(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
