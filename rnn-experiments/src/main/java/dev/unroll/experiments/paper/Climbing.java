package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Learning;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What is chosen, measured and shown of networks that climb tasks from short sequences to long
 * ones, each with one model that goes on from what it has learned.
 */
final class Climbing {
  private Climbing() {}

  /**
   * Has trials over tasks and variants.
   *
   * @param experiment with its settings
   * @param task the axis of the tasks
   * @param verb what a network does, such as recall
   * @param done what is then done, such as recalled
   */
  static Experiment of(Experiment experiment, Axis task, String verb, String done) {
    String to = done + "_to";
    String seeds = "seeds_that_" + verb;
    return experiment
        .tuned(
            new Tuning(
                LEARNING_RATE,
                LEARNING_RATES,
                "longest T solved, and the accuracies of those tried",
                one -> one.number("horizon") + Arrays.stream(one.numbers("scores")).sum(),
                Map.of(),
                List.of(task, VARIANT)))
        .over(task)
        .over(VARIANT)
        .work(Learning::work)
        .measure(
            Measure.of(to, "horizon")
                .unit("steps")
                .digits(0)
                .range(0, (all, where) -> all.get(RUNGS).getLast()))
        .measure(solvedRungs(seeds).unit("fraction of seeds"))
        .measure(triedRungs())
        .measure(Measure.of("last_accuracy", Climbing::lastTried).unit("fraction").range(0, 1))
        .table(
            Table.of(
                    "${label('task', task)}: longest T, and at each T how many seeds solved it in"
                        + " how many steps")
                .per("task")
                .rows("variant")
                .column("longest T [95 %]", to)
                .column("accuracy at the last T tried (best window)", "last_accuracy")
                .spread("T", Learning::solvedIn))
        .plot(
            Plot.heat(done, to, "task", "variant")
                .title("Longest T at which ${(100 * bar)?string['0']} % of the answers are right")
                .axes("task", "")
                .caption(
                    "Mean over the seeds; T climbs ${lengths?join(', ')} and stops after"
                        + " ${misses} missed length<#if misses gt 1>s in a row</#if>."))
        .plot(
            Plot.heat("solved", seeds, "T", "variant")
                .per("task")
                .tried("tried")
                .title("Fraction of seeds that " + verb + ": ${label('task', task)}")
                .axes("sequence length T (steps)", "")
                .caption("Fraction of the seeds that came to each length and solved it."));
  }

  /** What the best window of the last rung that was tried reached. */
  private static double lastTried(TrialRecord record) {
    return Arrays.stream(record.numbers("scores"))
        .filter(score -> score >= 0)
        .reduce((earlier, last) -> last)
        .orElse(0);
  }
}
