package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Grid;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.number.Survival;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/** How the steps to a solution grow with T under chrono initialization, right and wrong. */
final class ChronoLaw {
  /** What chrono is told as a multiple of T; 0 stands for PyTorch's initialization. */
  private static final Setting<List<Double>> FACTORS =
      Setting.numbers("factors")
          .require(all -> all.stream().allMatch(factor -> factor >= 0), "must not be negative.");

  private static final Axis FACTOR =
      Axis.of("factor", FACTORS)
          .headed("initialization")
          .labelled(factor -> told(Double.parseDouble(factor)));

  private static final Measure STEPS_TO_SOLVE =
      Measure.of("steps_to_solve").unit("training steps").range(0, Double.POSITIVE_INFINITY);
  private static final Measure EXPONENT = Measure.of("exponent");

  static final Experiment EXPERIMENT =
      Experiment.of("chrono-law", ChronoLaw::trial)
          .settings(
              tunedSolver(tokens(10, 16, 64), 3000, 50, 5, 20, .99)
                  .with(TUNING_LENGTH, 100)
                  .with(
                      CELLS.check(cells -> cells.forEach(cell -> Variant.of(cell + ":chrono"))),
                      "gru",
                      "lstm")
                  .with(FACTORS, 0.0, .1, 1.0, 10.0)
                  .with(Setting.counts("lengths", 2), 20, 50, 100, 200, 350, 500))
          .quick(
              full ->
                  full.with(CELLS, "gru")
                      .with(FACTORS, 0.0, .3, 1.0, 3.0)
                      .with(LENGTHS, 5, 10, 20)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 200)
                      .with(SAMPLES, 32)
                      .with(WINDOW, 10)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(learningRateByScore(CELL, FACTOR))
          .over(CELL)
          .over(FACTOR)
          .over(LENGTH)
          .work((all, trial) -> trial.number("length"))
          .measure(
              Measure.of("steps taken", "steps")
                  .digits(0)
                  .range(0, Double.POSITIVE_INFINITY)
                  .drawn())
          .measure(Measure.of("solved").drawn())
          .derive(STEPS_TO_SOLVE, ChronoLaw::stepsToSolve)
          .derive(
              Measure.of("steps where all solved").drawn(),
              outcome ->
                  outcome.grid("steps taken").cells().stream()
                      .filter(cell -> solved(outcome, cell) == 1)
                      .map(Grid.Cell::figure)
                      .toList())
          .derive(LOG_HAZARD_RATIO, ChronoLaw::sooner)
          .derive(EXPONENT, ChronoLaw::exponents)
          .perSeed(Measure.of("total_steps").drawn(), ChronoLaw::total, CELL, FACTOR)
          .tell("laws", ChronoLaw::laws)
          .table(
              Table.of(
                      "Steps to a solution, ${label('cell', cell)}: Kaplan-Meier median [95 %],"
                          + " seeds solved")
                  .per("cell")
                  .rows("factor")
                  .spread("T", ChronoLaw::steps))
          .plot(
              Plot.lines("steps", "steps where all solved", "T")
                  .per("cell")
                  .by("factor")
                  .title("Steps to a solution of copy-first, ${label('cell', cell)}")
                  .axes("sequence length T (steps)", "training steps")
                  .from(0)
                  .caption(
                      "Mean over the seeds with 95 % bands, where every seed solved it; a line that"
                          + " ends early was not solved further."))
          .plot(
              Plot.heat("solved", "solved", "T", "factor")
                  .per("cell")
                  .title("Fraction of seeds that solved copy-first, ${label('cell', cell)}")
                  .axes("sequence length T (steps)", "")
                  .caption("Fraction of the seeds that solved it within ${steps} steps."));

  private ChronoLaw() {}

  private static String told(double factor) {
    return factor == 0
        ? "default"
        : "told " + (factor == 1 ? "" : Numbers.plain(factor) + " ") + "T";
  }

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    double factor = trial.real("factor");
    String variant = trial.text("cell") + (factor == 0 ? ":default" : ":chrono-" + factor);
    return solver(trial)
        .run(model(trial, variant, 1, length), copyFirst(trial, length, "data"), trial, 0, 1)
        .measured();
  }

  /** The fraction of the seeds that solved it there. */
  private static double solved(Outcome outcome, Grid.Cell cell) {
    return outcome.grid("solved").cells().stream()
        .filter(other -> other.place().equals(cell.place()))
        .mapToDouble(other -> other.figure().mean())
        .findFirst()
        .orElse(0);
  }

  /** The trials' steps, beside how many of them solved it: those that did not took them all. */
  private static List<Figure> stepsToSolve(Outcome outcome) {
    return outcome.grid("steps taken").cells().stream()
        .map(
            cell -> {
              Map<String, Object> where = new HashMap<>(cell.place());
              Object factor = where.remove("factor");
              where.put("told", String.valueOf(factor).equals("0.0") ? "default" : factor + " T");
              where.put("solved", Numbers.plain(solved(outcome, cell)));
              return STEPS_TO_SOLVE.figure(where, cell.values());
            })
        .toList();
  }

  private static String steps(Table.Row row) {
    Survival steps = untilSolved(row.outcome());
    Interval interval = steps.medianInterval();
    String solved = Table.solved(row.outcome()) + " solved";
    return Double.isNaN(steps.median())
        ? solved
        : Numbers.format(
            "%.0f [%.0f, %s], %s",
            steps.median(),
            interval.low(),
            Double.isInfinite(interval.high()) ? "-" : Numbers.format("%.0f", interval.high()),
            solved);
  }

  /**
   * The steps of one seed over all lengths; a failure counts with all the steps there were, and so
   * does a trial that stopped.
   */
  private static double total(Outcome some) {
    int stopped = some.get(LENGTHS).size() - some.records().size();
    return Arrays.stream(some.each("steps")).sum() + stopped * (double) some.get(STEPS);
  }

  /**
   * How much sooner the seeds come to a solution that are told something than those told nothing.
   */
  private static List<Figure> sooner(Outcome outcome) {
    List<Figure> ratios = new ArrayList<>();
    for (String cell : outcome.get(CELLS)) {
      for (double factor : outcome.get(FACTORS)) {
        for (int length : outcome.get(LENGTHS)) {
          Outcome here = outcome.where("cell", cell).where("length", length);
          if (factor != 0 && outcome.get(FACTORS).contains(0.0)) {
            ratios.add(
                logHazardRatio(
                    here.where("factor", factor),
                    here.where("factor", 0.0),
                    Map.of("cell", cell, "factor", factor, "T", length)));
          }
        }
      }
    }
    return ratios;
  }

  /**
   * The exponent of T in each seed's steps, over the lengths that every seed solved, where these
   * are enough to tell.
   */
  private static List<Figure> exponents(Outcome outcome) {
    List<Figure> exponents = new ArrayList<>();
    for (String cell : outcome.get(CELLS)) {
      for (double factor : outcome.get(FACTORS)) {
        Outcome here = outcome.where("cell", cell).where("factor", factor);
        List<Integer> lengths =
            outcome.get(LENGTHS).stream()
                .filter(length -> allSolved(here.where("length", length)))
                .toList();
        if (lengths.size() >= 3) {
          Map<String, Object> where = new LinkedHashMap<>();
          where.put("cell", cell);
          where.put("factor", factor);
          where.put("from", lengths.getFirst());
          where.put("to", lengths.getLast());
          exponents.add(EXPONENT.figure(where, here.bySeed(seed -> slope(seed, lengths))));
        }
      }
    }
    return exponents;
  }

  private static boolean allSolved(Outcome some) {
    return some.records().stream().filter(one -> one.number("solved") == 1).count()
        == some.seeds().size();
  }

  private static double slope(Outcome seed, List<Integer> lengths) {
    SimpleRegression fit = new SimpleRegression();
    for (int length : lengths) {
      double steps = seed.where("length", length).first().number("steps");
      fit.addData(StrictMath.log(length), StrictMath.log(steps));
    }
    return fit.getSlope();
  }

  private static List<Map<String, Object>> laws(Outcome outcome) {
    return outcome.grid("exponent").figures().stream()
        .map(
            law ->
                Map.<String, Object>of(
                    "network",
                    CellNames.label(String.valueOf(law.where().get("cell")))
                        + ", "
                        + told((Double) law.where().getOrDefault("factor", 0.0)),
                    "exponent",
                    law.text(2),
                    "from",
                    law.where().getOrDefault("from", 0),
                    "to",
                    law.where().getOrDefault("to", 0)))
        .toList();
  }
}
