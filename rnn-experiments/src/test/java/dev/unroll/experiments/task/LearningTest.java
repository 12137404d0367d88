package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Survival;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class LearningTest {
  private static final int BUDGET = 100;

  /**
   * Trials of seeds from 1, each with its steps; at the budget it is unsolved, below 0 it stopped.
   */
  private static Outcome trials(int... steps) {
    List<TrialRecord> records = new ArrayList<>();
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] >= 0) {
        ObjectNode figures = Json.COMPACT.createObjectNode();
        figures.put("steps", steps[i]);
        figures.put("solved", steps[i] < BUDGET ? 1 : 0);
        figures.put("horizon", steps[i]);
        records.add(new TrialRecord(Trial.of(i + 1).key(), figures, null, null));
      }
    }
    return new Outcome(
        new Settings().with(Learning.STEPS, BUDGET).with(Learning.LEAST_FURTHER, 10),
        LongStream.rangeClosed(1, steps.length).boxed().toList(),
        records,
        Map.of(),
        Map.of());
  }

  @Test
  void aSeedThatIsNotSolvedOrStoppedIsCensoredAtTheLastStep() {
    Figure ratio =
        Learning.logHazardRatio(trials(20, 30, 40, 50), trials(60, -1, BUDGET, 90), Map.of());
    Survival sooner =
        Survival.of(new double[] {20, 30, 40, 50}, new boolean[] {true, true, true, true});
    Survival later =
        Survival.of(new double[] {60, 100, 100, 90}, new boolean[] {true, false, false, true});
    assertThat(ratio.mean())
        .isPositive()
        .isCloseTo(Estimate.hazardRatio(sooner, later).value(), within(1e-12));
  }

  @Test
  void furtherMeansByALeastDifferenceInTheSameSeed() {
    Figure further =
        Learning.seedsFurther(
                Measure.of("seeds_further").fraction(),
                trials(20, 30, 40, -1),
                trials(10, 21, 90, 0),
                Map.of())
            .orElseThrow();
    assertThat(further.n()).isEqualTo(3);
    assertThat(further.mean()).isCloseTo(1 / 3.0, within(1e-12));
  }
}
