package dev.unroll.experiments.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.claim.Claim;
import dev.unroll.experiments.claim.Claims;
import dev.unroll.experiments.notebook.Notebooks;
import dev.unroll.experiments.paper.Papers;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** That every claim speaks of figures that its experiment's full form measures. */
class ClaimedTest {
  @Test
  void claimsAreAboutWhatIsMeasured() {
    Stream.concat(Notebooks.ALL.stream(), Papers.ALL.stream()).forEach(ClaimedTest::check);
  }

  private static void check(Experiment experiment) {
    Settings full = experiment.settings(false);
    Map<String, Axis> axes = experiment.axes();
    for (Claim claim : Claims.of(experiment.name()).claims()) {
      assertThat(claim.source()).containsPattern("(19|20)\\d\\d");
      if (claim.figure() != null) {
        assertThat(experiment.measureNames()).as(claim.id()).contains(claim.figure());
        for (String place : claim.places()) {
          Grid.parse(place).forEach((axis, value) -> assertOnAxis(claim, axes, axis, value, full));
        }
      }
    }
  }

  private static void assertOnAxis(
      Claim claim, Map<String, Axis> axes, String name, String value, Settings full) {
    Axis axis = axes.get(name);
    if (axis != null) {
      assertThat(
              axis.values().apply(full).stream()
                  .anyMatch(at -> Grid.matches(Map.of(name, value), Map.of(name, at))))
          .as("%s: %s=%s", claim.id(), name, value)
          .isTrue();
    }
  }
}
