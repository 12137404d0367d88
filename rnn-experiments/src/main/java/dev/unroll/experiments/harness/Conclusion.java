package dev.unroll.experiments.harness;

import dev.unroll.experiments.claim.Claim;
import dev.unroll.experiments.claim.Claims;
import dev.unroll.experiments.report.Report;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From the trials of a run to its result, charts and report. */
final class Conclusion {
  private Conclusion() {}

  /**
   * Writes result.json, the charts and report.md of a run whose trials have all been run.
   *
   * @param records every trial, in order
   * @throws InputException when no trial came to its end
   */
  static Result write(Runner.Run run, ResultStore store, List<TrialRecord> records)
      throws IOException {
    Experiment experiment = run.experiment();
    List<String> failures = new ArrayList<>();
    for (TrialRecord record : records) {
      TrialRecord.Failure failure = record.failure();
      if (failure != null) {
        failures.add(
            "Trial %s stopped at step %d with gradient norm %s: %s"
                .formatted(
                    record.trial(), failure.step(), failure.gradientNorm(), failure.cause()));
      }
    }
    List<TrialRecord> ended = records.stream().filter(TrialRecord::succeeded).toList();
    if (ended.isEmpty()) {
      throw new InputException(
          experiment.name() + " has no trial that came to its end: " + failures.getFirst());
    }
    Telling telling = Telling.of(experiment.name());
    String unjudged = unjudged(run);
    UnaryOperator<Figure> judge =
        figure -> {
          Figure judged = telling.judge(figure, run.settings());
          return unjudged == null ? judged : judged.unjudged();
        };
    Outcome outcome = experiment.outcome(run.settings(), run.seeds(), ended, judge);
    Telling.Words words = Telling.Words.of(experiment, outcome);
    List<Figure> figures =
        outcome.grids().values().stream()
            .filter(grid -> grid.measure().figure)
            .flatMap(grid -> grid.figures().stream())
            .toList();
    List<Result.Check> checks = experiment.checks(outcome);
    List<Result.Claim> claims = judge(run, store.directory(), records, outcome);
    List<Chart> charts =
        experiment.plots().stream().flatMap(plot -> plot.of(outcome, words).stream()).toList();
    Result result =
        new Result(
            experiment.name(),
            run.command(),
            run.quick(),
            run.seeds(),
            run.settings().json(),
            telling.story(words),
            figures,
            checks,
            Stream.concat(
                    experiment.tables().stream()
                        .flatMap(table -> table.of(outcome, words).stream()),
                    experiment.tuningTable(run.settings(), records))
                .toList(),
            charts.stream()
                .map(chart -> new Result.ChartFile(chart.file(), chart.caption()))
                .toList(),
            failures,
            run.quick() ? claims.stream().map(Result.Claim::unjudged).toList() : claims,
            claims.isEmpty() || run.quick()
                ? Result.Verdict.of(figures, checks, unjudged)
                : Result.Verdict.of(claims));
    for (Chart chart : charts) {
      Charts.write(store.directory(), chart);
    }
    RunReport.discard(new RunFolder(store.directory()));
    RunReport.keep(new RunFolder(store.directory()), charts);
    store.finish(result);
    Report.writeRun(store.directory());
    return result;
  }

  /**
   * The claims, of which some were written before every trial. A run that has claims of its own
   * leaves out those written later for more seeds than it has: they say nothing about it.
   */
  private static List<Result.Claim> judge(
      Runner.Run run, Path folder, List<TrialRecord> records, Outcome outcome) {
    List<@Nullable String> hashes =
        records.stream().<@Nullable String>map(TrialRecord::claims).distinct().toList();
    List<Result.Claim> judged = new ArrayList<>();
    Claims.of(run.experiment().name())
        .against(Claims.kept(folder, hashes))
        .forEach(
            (claim, registered) -> {
              Integer least = claim.n();
              boolean forMore =
                  !registered
                      && !hashes.contains(null)
                      && least != null
                      && run.seeds().size() < least;
              if (!forMore) {
                Map<String, Figure> figures = figures(claim, "", outcome);
                Result.Claim verdict =
                    claim.judge(figures, figures(claim, Measure.BY_SEED, outcome), registered);
                judged.add(
                    claim.figure() != null && figures.isEmpty()
                        ? verdict.with(
                            Result.Claim.NOT_TRIED + ": " + nothing(claim, outcome, records))
                        : verdict);
              }
            });
    return judged;
  }

  /** Why nothing was measured at any of a claim's places. */
  private static String nothing(Claim claim, Outcome outcome, List<TrialRecord> records) {
    long ended = outcome.records().stream().filter(one -> isAt(one, claim)).count();
    if (ended > 0) {
      return "%d trials ended, and none had what is to be measured%s"
          .formatted(ended, unit(claim, outcome));
    }
    return records.stream().anyMatch(one -> isAt(one, claim))
        ? "no trial of it came to its end"
        : "these settings leave out what it is about";
  }

  private static String unit(Claim claim, Outcome outcome) {
    Grid grid = outcome.grids().get(Objects.requireNonNull(claim.figure()));
    return grid == null || grid.measure().unit.isEmpty() ? "" : " (" + grid.measure().unit + ")";
  }

  /** Whether a trial lies at one of a claim's places, as far as trials have its axes. */
  private static boolean isAt(TrialRecord record, Claim claim) {
    return claim.places().stream()
        .map(Grid::parse)
        .anyMatch(
            place ->
                place.entrySet().stream()
                    .allMatch(
                        one ->
                            !record.trial().has(one.getKey())
                                || record.is(one.getKey(), one.getValue())));
  }

  /**
   * What was measured at each of a claim's places.
   *
   * @param ending of the figure's name
   */
  private static Map<String, Figure> figures(Claim claim, String ending, Outcome outcome) {
    Map<String, Figure> figures = new LinkedHashMap<>();
    if (claim.figure() != null) {
      for (String place : claim.places()) {
        Figure figure =
            outcome.grids().containsKey(claim.figure() + ending)
                ? outcome.figure(claim.figure() + ending, place)
                : null;
        if (figure != null) {
          figures.put(place, figure);
        }
      }
    }
    return figures;
  }

  /** Why no band is judged; null where they hold. */
  private static @Nullable String unjudged(Runner.Run run) {
    if (run.quick()) {
      return "The quick setting is too small for the bands: it only shows that everything works.";
    }
    return run.experiment().hasBands(run.settings())
        ? null
        : "The bands hold for the usual settings, not for these.";
  }
}
