package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.CopyMemoryTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import java.util.Arrays;

/** The copying memory problem against the best that can be done without memory. */
final class CopyMemory {
  /** Steps that the papers which solve the problem train for, in order of size. */
  private static final int PAPERS_STEPS = 50_000;

  /** The fraction of the memoryless loss that counts as far below it. */
  private static final double FAR_BELOW = .5;

  static final Experiment EXPERIMENT =
      Experiment.of("copy-memory", CopyMemory::trial)
          .settings(
              tunedSolver(
                      new Settings().with(EMBEDDING_SIZE, 10).with(HIDDEN_SIZE, 64),
                      PAPERS_STEPS,
                      20,
                      5,
                      100,
                      .99)
                  .with(Tuning.SEEDS, 2)
                  .with(TUNING_LENGTH, 50)
                  .with(
                      VARIANTS,
                      "rnn_tanh:default",
                      "rnn_tanh:orthogonal",
                      "lstm:forget-1",
                      "lstm:chrono",
                      "lru:default")
                  .with(LENGTHS, 50, 100, 200))
          .quick(
              full ->
                  full.with(VARIANTS, "rnn_tanh:orthogonal", "lstm:forget-1", "gru:chrono")
                      .with(LENGTHS, 5)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 300)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATES, .005)
                      .with(WINDOW, 20))
          .seeds(10, 11)
          .tuned(learningRateByScore(VARIANT))
          .over(VARIANT)
          .over(LENGTH)
          .work(
              (all, trial) ->
                  (trial.number("length") + 2 * CopyMemoryTask.SYMBOLS)
                      * (1.0 + Variant.of(trial.text("variant")).cell().gates()))
          .measure(
              Measure.of("loss_of_baseline")
                  .unit("fraction")
                  .digits(3)
                  .range(0, Double.POSITIVE_INFINITY))
          .perSeed(
              Measure.of("seeds_far_below_baseline").unit("fraction of seeds").fraction(),
              CopyMemory::farBelow,
              VARIANT,
              LENGTH)
          .measure(
              Measure.of("recalled", "score").unit("fraction of symbols").digits(3).range(0, 1))
          .measure(Measure.stepsToSolve())
          .measure(losses(CopyMemory::lossesOfBaseline))
          .compareEach(
              LENGTH,
              Measure.of("loss_difference").unit("fraction of the baseline"),
              "variant",
              one -> -one.first().number("loss_of_baseline"),
              new Match("lstm:chrono", "lstm:forget-1"))
          .table(
              Table.of(
                      "T = ${T}: last loss as a fraction of the memoryless 10 ln 8 / (T + 20),"
                          + " symbols recalled (a guess gets .125), seeds that solved it, steps"
                          + " [95 %]")
                  .per("T")
                  .rows("variant")
                  .column("loss of baseline", "loss_of_baseline")
                  .column("recalled", "recalled")
                  .solved()
                  .column("steps, median", "steps_to_solve"))
          .plot(
              Plot.lines("loss", "losses", "training_step")
                  .per("T")
                  .by("variant")
                  .curves()
                  .title("Copying problem at T = ${T}")
                  .axes("training steps", "cross-entropy (fraction of the memoryless)")
                  .reference("without memory", outcome -> 1)
                  .caption(
                      "Mean over the seeds with 95 % bands; a seed that has solved it stays at its"
                          + " last value. The dotted line is the best answer without memory."));

  private CopyMemory() {}

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    // A symbol has to be kept from its place to its place: T + 10 steps.
    int tokens = CopyMemoryTask.VOCAB_SIZE;
    Model model =
        model(trial, trial.text("variant"), 1, tokens, tokens, length + CopyMemoryTask.SYMBOLS);
    CopyMemoryTask task = new CopyMemoryTask(length, trial.get(SAMPLES), trial.random("data"));
    Solver.Run run = solver(trial).run(model, task, trial, 0, 1);
    return run.withLosses()
        .put("loss_of_baseline", run.losses().getLast() / CopyMemoryTask.baseline(length));
  }

  /** Whether a seed's trial ends far below the baseline; one that stopped does not. */
  private static double farBelow(Outcome seed) {
    return !seed.isEmpty() && seed.first().number("loss_of_baseline") < FAR_BELOW ? 1 : 0;
  }

  private static double[] lossesOfBaseline(TrialRecord record) {
    double baseline = CopyMemoryTask.baseline(record.trial().path("length").asInt());
    return Arrays.stream(record.numbers("losses")).map(loss -> loss / baseline).toArray();
  }
}
