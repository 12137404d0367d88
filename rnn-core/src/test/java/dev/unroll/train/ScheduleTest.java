package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Parameters;
import org.junit.jupiter.api.Test;

/** The values that PyTorch's pages on its schedulers give, for a rate of 0.05. */
class ScheduleTest {
  private static void assertRates(Schedule schedule, int from, double... rates) {
    for (int i = 0; i < rates.length; i++) {
      assertThat(.05 * schedule.factor(from + i)).isCloseTo(rates[i], within(1e-15));
    }
  }

  @Test
  void stepHasThePublishedRates() {
    Schedule schedule = Schedule.step(30, .1);
    assertRates(schedule, 0, .05, .05);
    assertRates(schedule, 29, .05, .005);
    assertRates(schedule, 59, .005, .0005);
    assertRates(schedule, 89, .0005, .00005);
  }

  @Test
  void warmUpHasThePublishedRates() {
    Schedule schedule = Schedule.constant().afterWarmUp(4, .5);
    assertRates(schedule, 0, .025, .03125, .0375, .04375, .05, .05);
  }

  @Test
  void cosineIsTheFormula() {
    assertRates(Schedule.cosine(100, 0), 0, .05, .05 * (1 + Math.cos(Math.PI / 100)) / 2);
    assertRates(Schedule.cosine(100, 0), 50, .025);
    // eta_min = 0.01
    Schedule floored = Schedule.cosine(8, .2);
    assertRates(floored, 2, .01 + .04 * (1 + Math.sqrt(.5)) / 2);
    assertRates(floored, 8, .01);
    assertRates(floored, 16, .05);
  }

  @Test
  void whatComesAfterAWarmUpBeginsAtItsOwnStepZero() {
    Schedule schedule = Schedule.step(2, .1).afterWarmUp(3, 0);
    assertRates(schedule, 0, 0, .05 / 3, .1 / 3, .05, .05, .005, .005, .0005);
    assertRates(Schedule.step(1, .5).afterWarmUp(0, 0), 0, .05, .025);
  }

  @Test
  void anOptimizerFollowsIt() {
    Parameters parameters = new Parameters();
    parameters.add("w", 1);
    parameters.gradients()[0] = 1;
    Optimizer optimizer = new Sgd(1).with(Schedule.step(2, .5));
    float[] p = parameters.values();
    for (double after : new double[] {-1, -2, -2.5, -3, -3.25}) {
      optimizer.step(parameters);
      assertThat((double) p[0]).isEqualTo(after);
    }
    assertThat(optimizer.learningRate()).isEqualTo(.25);
    optimizer.setLearningRate(8);
    assertThat(optimizer.learningRate()).isEqualTo(2);
    optimizer.step(parameters);
    assertThat((double) p[0]).isEqualTo(-5.25);
    assertThat(optimizer.learningRate()).isEqualTo(1);
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.step(0, .1))
        .withMessage("The length of a step schedule's stairs is 0: at least 1 is needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.cosine(0, 0))
        .withMessageContaining("cosine schedule is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.constant().afterWarmUp(-1, 0))
        .withMessageContaining("warm-up is -1");
  }
}
