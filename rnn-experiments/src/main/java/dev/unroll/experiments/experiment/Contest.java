package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;

/**
 * Models against baselines on one task: each trial puts a number called {@code score} for one of
 * them, and the better one has to win by a margin whose interval leaves out zero.
 */
abstract class Contest<C extends Record> extends Study<C> {
  /** What is scored, for the axis. */
  private final String score;

  private final String unit;
  private final boolean higherIsBetter;

  /** A pair of models of which the first is expected to beat the second. */
  record Match(String better, String baseline) {}

  protected Contest(
      String name,
      String summary,
      int seeds,
      C defaults,
      C quick,
      String score,
      String unit,
      boolean higherIsBetter) {
    super(name, summary, seeds, defaults, quick);
    this.score = score;
    this.unit = unit;
    this.higherIsBetter = higherIsBetter;
  }

  /** The models, in the order they are shown. */
  abstract List<String> models(C config);

  /** Who is expected to beat whom. */
  abstract List<Match> matches(C config);

  /** The paragraph, given the mean score of each model. */
  abstract Result.Story story(Outcome<C> outcome, Map<String, Figure> scores);

  /** Further tables. */
  List<Result.Table> tables(Outcome<C> outcome) {
    return List.of();
  }

  /** Further charts. */
  List<Chart> charts(Outcome<C> outcome) {
    return List.of();
  }

  @Override
  public List<Trial> trials(C config, long seed) {
    return models(config).stream().map(model -> Trial.of(seed).with("model", model)).toList();
  }

  @Override
  public final Conclusion conclude(Outcome<C> outcome) {
    Map<String, Figure> scores = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String model : models(outcome.config())) {
      Outcome<C> some = outcome.where("model", model);
      if (!some.isEmpty()) {
        Figure figure = Figure.of(score, Map.of("model", model), unit, some.each("score"));
        scores.put(model, figure);
        names.add(model);
        rows.add(List.of(model, figure.text(3)));
      }
    }
    List<Figure> figures = new ArrayList<>(scores.values());
    for (Match match : matches(outcome.config())) {
      Figure margin = margin(outcome, match);
      if (margin != null) {
        figures.add(margin);
        rows.add(List.of(match.better() + " less " + match.baseline(), margin.text(3)));
      }
    }
    CategoryChart chart = Charts.bars(score, "model", score + " (" + unit + ")");
    chart.getStyler().setLegendVisible(false);
    Charts.bar(
        chart,
        score,
        Ink.BLUE,
        names,
        scores.values().stream().mapToDouble(Figure::mean).toArray(),
        scores.values().stream().mapToDouble(Contest::half).toArray());
    List<Result.Table> all = new ArrayList<>();
    all.add(
        new Result.Table(
            score + ", mean over the seeds [95 % interval]",
            List.of("model", score + " (" + unit + ")"),
            rows));
    all.addAll(tables(outcome));
    List<Chart> charts = new ArrayList<>();
    charts.add(new Chart("scores", "Mean over the seeds with 95 % intervals.", chart));
    charts.addAll(charts(outcome));
    return new Conclusion(story(outcome, scores), figures, List.of(), all, charts);
  }

  /** The paired difference, judged by the end of its interval that is nearer to zero. */
  private @org.jspecify.annotations.Nullable Figure margin(Outcome<C> outcome, Match match) {
    List<Double> differences = new ArrayList<>();
    for (long seed : outcome.seeds()) {
      Outcome<C> one = outcome.where("seed", seed);
      Outcome<C> better = one.where("model", match.better());
      Outcome<C> baseline = one.where("model", match.baseline());
      if (!better.isEmpty() && !baseline.isEmpty()) {
        double difference = better.first().number("score") - baseline.first().number("score");
        differences.add(higherIsBetter ? difference : -difference);
      }
    }
    if (differences.isEmpty()) {
      return null;
    }
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("better", match.better());
    where.put("baseline", match.baseline());
    Figure margin =
        Figure.of(
            "margin", where, unit, differences.stream().mapToDouble(Double::doubleValue).toArray());
    // The band is one on the mean; half the interval is what chance may account for.
    double chance = half(margin);
    return margin.withBand(
        new Band(Math.nextUp(chance), null, "more than its 95 % interval's half width"));
  }

  private static double half(Figure figure) {
    Double low = figure.low();
    return low == null ? 0 : figure.mean() - low;
  }
}
