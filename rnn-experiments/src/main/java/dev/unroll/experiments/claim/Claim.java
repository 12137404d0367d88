package dev.unroll.experiments.claim;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Numbers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a paper says, and the region that figures measured here have to lie in for it to hold: from
 * {@code atLeast} to {@code atMost}, of which one may be missing. A bound on a difference is the
 * smallest difference that matters, so that "no difference" is a region with both ends.
 *
 * <p>With an interval wholly inside the region, at every place, the claim is reproduced; with one
 * wholly outside, at some place, contradicted; else it is undecided.
 *
 * @param id its name within the experiment, kept for ever
 * @param source who says it, with the year
 * @param where where in it, such as a section or a figure
 * @param statement what it says, in its own setting
 * @param ours what is measured here, and where the setting differs
 * @param figure the figure under test; null where it was not tried
 * @param statistic what its interval and p are, such as {@code Student's t}, so that it cannot be
 *     chosen after the data; null in files of before this was asked for
 * @param places where the figure is taken, such as {@code variant=lstm:chrono T=100}; all have to
 *     agree
 * @param atLeast the region's lower end
 * @param atMost its upper end
 * @param because why the region ends there
 * @param n how many seeds it takes at least
 * @param notTried the measured cost of trying it; null where it was tried
 */
public record Claim(
    String id,
    String source,
    @Nullable String where,
    String statement,
    @Nullable String ours,
    @Nullable String figure,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String statistic,
    List<String> places,
    @Nullable Double atLeast,
    @Nullable Double atMost,
    @Nullable String because,
    @Nullable Integer n,
    @Nullable String notTried) {
  /** One-sided, so that it agrees with intervals of 95 %. */
  private static final double SIGNIFICANT = .025;

  /** Checks that it can be judged, or says what trying it would cost. */
  public Claim {
    Objects.requireNonNull(id, "a claim has no id");
    Objects.requireNonNull(source, () -> id + " has no source");
    Objects.requireNonNull(statement, () -> id + " has no statement");
    places = places == null ? List.of("") : List.copyOf(places);
    boolean tried = figure != null;
    if (tried == (notTried != null)
        || (tried
            && (ours == null
                || because == null
                || n == null
                || (atLeast == null && atMost == null)
                || places.isEmpty()))) {
      throw new IllegalArgumentException(
          id
              + " needs either figure, ours, because, n and at_least or at_most, or not_tried"
              + " alone");
    }
    if (atLeast != null && atMost != null && !(atLeast < atMost)) {
      throw new IllegalArgumentException(id + ": at_least must be below at_most");
    }
  }

  /** The region for people, such as {@code at least 10}. */
  String region() {
    if (atLeast != null && atMost != null) {
      return Numbers.plain(atLeast) + " to " + Numbers.plain(atMost);
    }
    return atLeast == null
        ? "at most " + Numbers.plain(Objects.requireNonNull(atMost))
        : "at least " + Numbers.plain(atLeast);
  }

  /**
   * The claim with its verdict, which tells where counting seeds instead of networks changes it.
   *
   * @param figures what was measured at each of the places that the run's settings have
   * @param bySeed the same with each seed counted once, where a seed gave several values; may be
   *     empty
   * @param registered whether it was written before every trial
   */
  public Result.Claim judge(
      Map<String, Figure> figures, Map<String, Figure> bySeed, boolean registered) {
    String measured =
        figures.entrySet().stream()
            .map(one -> text(one.getKey(), one.getValue(), bySeed.get(one.getKey())))
            .collect(Collectors.joining("; "));
    Judgement judgement = judge(figures);
    String verdict = verdict(judgement.verdict, figures, registered);
    if (bySeed.keySet().containsAll(figures.keySet()) && judgement.p != null) {
      String other = judge(bySeed).verdict;
      if (!firstWord(other).equals(firstWord(judgement.verdict))) {
        verdict += "; with each seed counted once " + other;
      }
    }
    return new Result.Claim(
        id,
        source,
        where,
        statement,
        ours,
        figure == null ? null : "%s %s: %s".formatted(figure, region(), because),
        measured.isEmpty() ? null : measured,
        judgement.p,
        verdict);
  }

  private static String text(String place, Figure figure, @Nullable Figure bySeed) {
    return (place.isEmpty() ? "" : place + ": ")
        + figure.text()
        + (bySeed == null ? "" : " (by seed " + bySeed.withoutUnit() + ")");
  }

  private static String firstWord(String verdict) {
    return verdict.split("\\W", 2)[0];
  }

  private String verdict(String verdict, Map<String, Figure> figures, boolean registered) {
    if (figure != null && !registered) {
      return "exploratory, written after these data; it would be " + verdict;
    }
    return figures.values().stream()
        .filter(
            one ->
                statistic != null && one.low() != null && seeds(one) >= Objects.requireNonNull(n))
        .map(Figure::interval)
        .filter(method -> !method.startsWith(statistic + ","))
        .findFirst()
        .map(
            method ->
                "exploratory, registered with %s and computed with %s; it would be %s"
                    .formatted(statistic, method, verdict))
        .orElse(verdict);
  }

  private static int seeds(Figure figure) {
    Estimate estimate = figure.estimate();
    return estimate == null ? figure.n() : estimate.seeds();
  }

  private record Judgement(String verdict, @Nullable Double p) {}

  private Judgement judge(Map<String, Figure> figures) {
    if (notTried != null) {
      return new Judgement(Result.Claim.NOT_TRIED + ": " + notTried, null);
    }
    if (figures.isEmpty()) {
      return new Judgement(
          Result.Claim.NOT_TRIED
              + ": these settings leave out what it is about, or no trial of it"
              + " came to its end",
          null);
    }
    if (figures.size() < places.size()) {
      return new Judgement(
          "%s: nothing was measured at %d of its %d places"
              .formatted(Result.Claim.UNDECIDED, places.size() - figures.size(), places.size()),
          null);
    }
    double inside = 0;
    double outside = 1;
    int fewest = Integer.MAX_VALUE;
    for (Figure one : figures.values()) {
      Estimate estimate = one.estimate();
      fewest = Math.min(fewest, seeds(one));
      if (estimate == null || estimate.interval() == null || !Double.isFinite(one.mean())) {
        String why =
            estimate != null && estimate.interval() == null
                ? estimate.method().replace("none: ", "")
                : "no finite figure";
        return new Judgement(Result.Claim.UNDECIDED + ": " + why, null);
      }
      inside = Math.max(inside, pInside(estimate));
      outside = Math.min(outside, pOutside(estimate));
    }
    // The best of several chances to be outside.
    outside = Math.min(1, outside * figures.size());
    double p = Math.min(1, 2 * Math.min(inside, outside));
    if (fewest < Objects.requireNonNull(n)) {
      return new Judgement(
          "%s: %d seeds, the claim takes %d".formatted(Result.Claim.UNDECIDED, fewest, n), null);
    }
    if (inside < SIGNIFICANT) {
      return new Judgement(Result.Claim.REPRODUCED, p);
    }
    return outside < SIGNIFICANT
        ? new Judgement(Result.Claim.CONTRADICTED, p)
        : new Judgement(Result.Claim.UNDECIDED + ": the interval holds both", p);
  }

  /** Small where the estimate is clearly inside the region: both ends have to be cleared. */
  private double pInside(Estimate estimate) {
    return Math.max(
        atLeast == null ? 0 : estimate.pAtLeast(atLeast),
        atMost == null ? 0 : estimate.pAtMost(atMost));
  }

  /** Small where it is clearly outside; at one end or the other, which are two chances. */
  private double pOutside(Estimate estimate) {
    double below = atLeast == null ? 1 : estimate.pAtMost(atLeast);
    double above = atMost == null ? 1 : estimate.pAtLeast(atMost);
    return Math.min(below, above);
  }
}
