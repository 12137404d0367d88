package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Models against baselines on one task: each trial puts a number called {@code score} for one of
 * them, and the better one has to win by a margin whose interval leaves out zero; one whose
 * interval holds zero decides nothing.
 *
 * @param score what is scored, for tables and axes
 * @param unit its unit
 * @param higherIsBetter whether more is better
 */
public record Contest(String score, String unit, boolean higherIsBetter) {
  /** A pair of models of which the first is expected to beat the second. */
  public record Match(Object better, Object baseline) {}

  /**
   * The experiment with a trial for each model, the scores and margins, their table and chart.
   *
   * @param models the models, in the order they are shown
   * @param matches who is expected to beat whom
   */
  public Experiment over(Experiment experiment, Axis models, Match... matches) {
    return over(experiment, models, all -> List.of(matches));
  }

  /** As {@link #over(Experiment, Axis, Match...)}, with matches that the settings decide. */
  public Experiment over(
      Experiment experiment, Axis models, Function<Settings, List<Match>> matches) {
    return experiment
        .over(models)
        .measure(
            Measure.of(score, "score")
                .unit(unit)
                .digits(3)
                .clipped(0, unit.startsWith("fraction") ? 1 : Double.POSITIVE_INFINITY))
        .derive(
            Measure.of("margin").unit(unit).digits(3),
            outcome -> margins(outcome, models.key(), matches.apply(outcome.settings())))
        .table(
            Table.of(score + ", mean over the seeds [95 % interval]")
                .rows(models.name())
                .column(score + " (" + unit + ")", score)
                .below(
                    outcome ->
                        outcome.grid("margin").figures().stream()
                            .map(
                                margin ->
                                    List.of(
                                        name(models, margin, "better")
                                            + " less "
                                            + name(models, margin, "baseline"),
                                        margin.text(3)))
                            .toList()))
        .plot(
            Plot.bars("scores", score, models.name())
                .title(score)
                .axes(models.head(), score + " (" + unit + ")")
                .caption("Mean over the seeds with 95 % intervals."));
  }

  private static String name(Axis models, Figure margin, String side) {
    return models.label().apply(margin.where().getOrDefault(side, ""));
  }

  /** The paired differences, judged by the end of the interval that is nearer to zero. */
  private List<Figure> margins(Outcome outcome, String key, List<Match> matches) {
    List<Figure> margins = new ArrayList<>();
    for (Match match : matches) {
      double[] differences =
          Outcome.differences(
              outcome.where(key, match.better()),
              outcome.where(key, match.baseline()),
              one -> (higherIsBetter ? 1 : -1) * one.first().number("score"));
      if (differences.length > 0) {
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("better", match.better());
        where.put("baseline", match.baseline());
        Figure margin = Figure.of("margin", where, unit, differences);
        // The band is one on the mean; half the interval is what chance may account for.
        double chance = margin.low() == null ? 0 : margin.mean() - margin.low();
        Band band = new Band(Math.nextUp(chance), null, "more than its 95 % interval's half width");
        boolean decided = margin.low() == null || margin.end(false) > 0 || margin.end(true) < 0;
        margins.add(decided ? margin.withBand(band) : margin.undecided(band));
      }
    }
    return margins;
  }
}
