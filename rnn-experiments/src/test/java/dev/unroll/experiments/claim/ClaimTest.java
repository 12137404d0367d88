package dev.unroll.experiments.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.paper.Papers;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verdicts, and that only what was written before its data is counted. */
class ClaimTest {
  private static final double[] NEAR_TWENTY = {19, 20, 21, 20, 19, 21, 20, 22, 18, 20};

  private static Claim claim(
      String id, @Nullable Double atLeast, @Nullable Double atMost, String... places) {
    return new Claim(
        id,
        "Somebody 2020",
        null,
        "it is so",
        "here",
        "gain",
        "Student's t",
        List.of(places),
        atLeast,
        atMost,
        "why",
        10,
        null);
  }

  private static Map<String, Figure> at(String place, double... values) {
    return new LinkedHashMap<>(Map.of(place, Figure.of("gain", Map.of(), "steps", values)));
  }

  private static String verdict(Claim claim, Map<String, Figure> figures) {
    return claim.judge(figures, Map.of(), true).verdict();
  }

  @Test
  void anIntervalInsideTheRegionReproducesOneOutsideContradictsOneAcrossIsUndecided() {
    Map<String, Figure> twenty = at("", NEAR_TWENTY);
    assertThat(verdict(claim("a", 15., null, ""), twenty)).isEqualTo("reproduced");
    assertThat(verdict(claim("a", 25., null, ""), twenty)).isEqualTo("contradicted");
    assertThat(verdict(claim("a", 20., null, ""), twenty))
        .isEqualTo("undecided: the interval holds both");
    assertThat(verdict(claim("a", null, 25., ""), twenty)).isEqualTo("reproduced");
    assertThat(verdict(claim("a", null, 15., ""), twenty)).isEqualTo("contradicted");
  }

  @Test
  void noDifferenceIsShownByARegionWithBothEnds() {
    double[] small = Arrays.stream(NEAR_TWENTY).map(value -> value - 20).toArray();
    assertThat(verdict(claim("a", -5., 5., ""), at("", small))).isEqualTo("reproduced");
    assertThat(verdict(claim("a", -.5, .5, ""), at("", small))).startsWith("undecided");
    assertThat(verdict(claim("a", -5., 5., ""), at("", NEAR_TWENTY))).isEqualTo("contradicted");
    assertThat(verdict(claim("a", 30., 40., ""), at("", NEAR_TWENTY))).isEqualTo("contradicted");
  }

  @Test
  void theVerdictAgreesWithTheFiguresInterval() {
    Figure figure = Figure.of("gain", Map.of(), "", NEAR_TWENTY);
    double low = java.util.Objects.requireNonNull(figure.low());
    for (double nudge : new double[] {-1e-6, 1e-6}) {
      assertThat(verdict(claim("a", low + nudge, null, ""), Map.of("", figure)))
          .startsWith(nudge < 0 ? "reproduced" : "undecided");
    }
  }

  @Test
  void tooFewSeedsDecideNothing() {
    double[] nine = Arrays.copyOf(NEAR_TWENTY, 9);
    assertThat(verdict(claim("a", 15., null, ""), at("", nine)))
        .isEqualTo("undecided: 9 seeds, the claim takes 10");
    assertThat(verdict(claim("a", 25., null, ""), at("", nine))).startsWith("undecided");
    assertThat(verdict(claim("a", 15., null, ""), at("", 20))).startsWith("undecided");
    double[] infinite = NEAR_TWENTY.clone();
    infinite[3] = Double.POSITIVE_INFINITY;
    assertThat(verdict(claim("a", 15., null, ""), at("", infinite))).startsWith("undecided");
  }

  @Test
  void allPlacesHaveToAgreeAndOneMayContradict() {
    Claim both = claim("a", 15., null, "T=1", "T=2");
    Map<String, Figure> figures = at("T=1", NEAR_TWENTY);
    assertThat(verdict(both, Map.of())).startsWith("not tried: these settings leave out");
    assertThat(verdict(both, figures))
        .isEqualTo("undecided: nothing was measured at 1 of its 2 places");
    figures.put("T=2", Figure.of("gain", Map.of(), "", NEAR_TWENTY));
    assertThat(verdict(both, figures)).isEqualTo("reproduced");
    figures.put(
        "T=2", Figure.of("gain", Map.of(), "", Arrays.stream(NEAR_TWENTY).map(x -> -x).toArray()));
    assertThat(verdict(both, figures)).isEqualTo("contradicted");
    assertThat(both.judge(figures, Map.of(), true).measured())
        .startsWith("T=1: 20 [")
        .contains("; T=2: -20 [");
  }

  @Test
  void aClaimAsksForSeedsAndTellsWhereCountingThemDecidesOtherwise() {
    Claim above = claim("a", 15., null, "");
    Estimate pooled = Estimate.mean(NEAR_TWENTY);
    Map<String, Figure> ofNine = Map.of("", Figure.of("gain", Map.of(), "", pooled.ofSeeds(9)));
    assertThat(verdict(above, ofNine)).isEqualTo("undecided: 9 seeds, the claim takes 10");

    Map<String, Figure> ofTen = Map.of("", Figure.of("gain", Map.of(), "", pooled.ofSeeds(10)));
    Result.Claim alike = above.judge(ofTen, at("", NEAR_TWENTY), true);
    assertThat(alike.verdict()).isEqualTo("reproduced");
    assertThat(alike.measured()).isEqualTo("20 [19.2, 20.8] (by seed 20 [19.2, 20.8])");

    double[] wide = Arrays.stream(NEAR_TWENTY).map(value -> 20 + 10 * (value - 20)).toArray();
    assertThat(above.judge(ofTen, at("", wide), true).verdict())
        .isEqualTo("reproduced; with each seed counted once undecided: the interval holds both");
  }

  @Test
  void anotherStatisticThanTheRegisteredOneIsExploratory() {
    Figure resampled = Figure.of("gain", Map.of(), "", Estimate.bootstrap(NEAR_TWENTY));
    assertThat(verdict(claim("a", 15., null, ""), Map.of("", resampled)))
        .isEqualTo(
            "exploratory, registered with Student's t and computed with studentized bootstrap, 95"
                + " %; it would be reproduced");
  }

  @Test
  void everyClaimThatIsTriedNamesItsStatistic() {
    for (Experiment experiment : Papers.ALL) {
      assertThat(Claims.of(experiment.name()).claims())
          .allMatch(claim -> claim.figure() == null || claim.statistic() != null);
    }
  }

  @Test
  void whatWasNotTriedSaysWhatItWouldCost() {
    Claim costly =
        new Claim(
            "a",
            "Somebody 2020",
            "figure 3",
            "it is so",
            null,
            null,
            null,
            List.of(),
            null,
            null,
            null,
            null,
            "a day on two cores");
    assertThat(verdict(costly, Map.of())).isEqualTo("not tried: a day on two cores");
  }

  @Test
  void aClaimThatCannotBeJudgedIsRefused() {
    assertThatThrownBy(() -> claim("a", null, null, "")).hasMessageContaining("at_least");
    assertThatThrownBy(() -> claim("a", 2., 1., "")).hasMessageContaining("below");
    Claim one = claim("a", 1., null, "");
    assertThatThrownBy(() -> new Claims(List.of(one, one))).hasMessageContaining("twice");
  }

  @Test
  void onlyWhatStoodInEveryTrialsFileIsRegisteredAndNothingIsDropped() {
    Claim kept = claim("kept", 15., null, "");
    Claim before = claim("changed", 25., null, "");
    Claim after = claim("changed", 15., null, "");
    Claim dropped = claim("dropped", 25., null, "");
    Claims now = new Claims(List.of(kept, after));
    Claims then = new Claims(List.of(kept, before, dropped));
    assertThat(now.against(List.of(then)))
        .containsExactly(
            Map.entry(kept, true),
            Map.entry(after, false),
            Map.entry(before, true),
            Map.entry(dropped, true));
    assertThat(now.against(List.of(then, now)).get(before)).isFalse();
    assertThat(now.against(List.of()).values()).containsOnly(false);
    assertThat(now.against(List.of(now, new Claims(List.of()))).values()).containsOnly(false);
    Result.Claim late = after.judge(at("", NEAR_TWENTY), Map.of(), false);
    assertThat(late.verdict())
        .isEqualTo("exploratory, written after these data; it would be reproduced");
  }

  @Test
  void aRunKeepsTheClaimsOfItsTrialsAndNoticesWhenTheyAreChanged(@TempDir Path run)
      throws IOException {
    Claims claims = new Claims(List.of(claim("a", 15., null, "")));
    String hash = java.util.Objects.requireNonNull(claims.hash());
    claims.keep(run);
    assertThat(Claims.kept(run, List.of(hash))).containsExactly(claims);
    assertThat(Claims.kept(run, Collections.singletonList(null)))
        .containsExactly(new Claims(List.of()));
    Path file = run.resolve("claims-" + hash + ".json");
    Files.writeString(file, Files.readString(file).replace("15.0", "14.0"));
    assertThatThrownBy(() -> Claims.kept(run, List.of(hash)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("was changed after trials");
    Files.delete(file);
    assertThatThrownBy(() -> Claims.kept(run, List.of(hash))).isInstanceOf(InputException.class);
  }

  @Test
  void countsFollowTheVerdicts() {
    List<Result.Claim> claims =
        List.of(
            claim("a", 15., null, "").judge(at("", NEAR_TWENTY), Map.of(), true),
            claim("b", 15., null, "").judge(at("", NEAR_TWENTY), Map.of(), false),
            claim("c", 25., null, "").judge(at("", NEAR_TWENTY), Map.of(), true));
    assertThat(Result.Claim.count(claims)).isEqualTo("1 reproduced, 1 contradicted, 1 exploratory");
    assertThat(Estimate.mean(NEAR_TWENTY).value()).isEqualTo(20);
  }
}
