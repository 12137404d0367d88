package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;
import static dev.unroll.experiments.task.Learning.solvedRungs;
import static dev.unroll.experiments.task.Learning.triedRungs;

import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Learning;
import java.util.Map;

/** The longest sequence of copy-first that a network learns within a budget of steps. */
final class Horizon {

  private static final Measure SEEDS_FURTHER =
      Measure.of("seeds_further").unit("fraction of seeds").fraction();

  private static final Match[] MATCHES = {
    new Match("lstm:forget-1", "lstm:forget-0"),
    new Match("lstm:chrono", "lstm:forget-1"),
    new Match("gru:chrono", "gru:default"),
    new Match("rnn_tanh:orthogonal", "rnn_tanh:default"),
    new Match("rnn_relu:identity", "rnn_tanh:default")
  };

  static final Experiment EXPERIMENT =
      Experiment.of("horizon", Horizon::trial)
          .settings(
              tunedSolver(tokens(10, 16, 64), 2000, 100, 5, 20, .99)
                  .with(
                      VARIANTS,
                      "rnn_tanh:default",
                      "rnn_tanh:orthogonal",
                      "rnn_relu:identity",
                      "lstm:forget-0",
                      "lstm:forget-1",
                      "lstm:chrono",
                      "gru:default",
                      "gru:orthogonal",
                      "gru:chrono")
                  .with(RUNGS, 10, 20, 30, 50, 75, 100, 150, 200, 300)
                  .with(MISSES, 1)
                  .with(LEAST_FURTHER, 10))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:default",
                          "rnn_tanh:orthogonal",
                          "gru:default",
                          "gru:chrono")
                      .with(LENGTHS, 5, 10, 20)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 200)
                      .with(SAMPLES, 32)
                      .with(WINDOW, 10)
                      .with(LEARNING_RATES, .01))
          .seeds(10, 11)
          .tuned(learningRateByHorizon(VARIANT))
          .over(VARIANT)
          .work(Learning::work)
          .measure(
              Measure.of("horizon")
                  .unit("steps")
                  .digits(0)
                  .range(0, (all, where) -> all.get(RUNGS).getLast()))
          .measure(solvedRungs())
          .measure(triedRungs())
          .compare(
              Measure.of("horizon_difference")
                  .unit("steps")
                  .digits(0)
                  .range(
                      (all, where) -> -all.get(RUNGS).getLast(),
                      (all, where) -> all.get(RUNGS).getLast()),
              "variant",
              one -> one.first().number("horizon"),
              MATCHES)
          .derive(
              SEEDS_FURTHER,
              outcome -> seedsFurther(SEEDS_FURTHER, outcome, Map.of(), MATCHES).toList())
          .table(
              Table.of("Longest T solved, and at each T how many seeds solved it in how many steps")
                  .rows("variant")
                  .column("longest T solved [95 %]", "horizon")
                  .spread("T", Learning::solvedIn))
          .plot(
              Plot.heat("solved", "solved", "T", "variant")
                  .tried("tried")
                  .title("Fraction of seeds that solved copy-first")
                  .axes("sequence length T (steps)", "")
                  .caption(
                      "Fraction of the seeds that solved each length; a ladder is left after"
                          + " ${misses} missed rung<#if misses gt 1>s in a row</#if>."))
          .plot(
              Plot.bars("horizon", "horizon", "variant")
                  .title("Longest T solved")
                  .axes("network", "sequence length T (steps)")
                  .styled(styler -> styler.setXAxisLabelRotation(30))
                  .caption("Mean over the seeds with 95 % intervals."));

  private Horizon() {}

  private static Measured trial(TrialContext trial) {
    return climb(trial, trial.text("variant"));
  }
}
