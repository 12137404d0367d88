package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Claim;
import dev.unroll.experiments.harness.Claim.Test;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.ParityTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** Which cells can track a state: parity, learned at one length and asked for at others. */
final class Parity {
  private static final String SERIAL = "Merrill, Petty and Sabharwal 2024";
  private static final String NEGATIVE = "Grazzi, Siems, Franke, Zela, Hutter and Pontil 2025";

  /** What counts as right in nearly all sequences, and as not much better than a guess. */
  private static final double TRACKS = .95;

  private static final double GUESSES = .6;

  static final Experiment EXPERIMENT =
      Experiment.of("parity", Parity::trial)
          .settings(
              solver(
                      new Settings().with(EMBEDDING_SIZE, 16).with(HIDDEN_SIZE, 64),
                      5000,
                      100,
                      .003,
                      1,
                      20,
                      .99)
                  .with(
                      VARIANTS,
                      "rnn_tanh:default",
                      "lstm:default",
                      "gru:default",
                      "min_gru:default",
                      "min_gru_signed:default")
                  .with(NUM_LAYERS, 1)
                  .with(LENGTHS, 20, 100)
                  .with(TEST_LENGTHS, 20, 100, 400)
                  .with(TEST_SAMPLES, 1000))
          .quick(
              full ->
                  full.with(
                          VARIANTS,
                          "rnn_tanh:default",
                          "gru:default",
                          "min_gru:default",
                          "min_gru_signed:default")
                      .with(LENGTHS, 8)
                      .with(TEST_LENGTHS, 8, 16, 32)
                      .with(TEST_SAMPLES, 200)
                      .with(EMBEDDING_SIZE, 8)
                      .with(HIDDEN_SIZE, 32)
                      .with(STEPS, 400)
                      .with(SAMPLES, 32)
                      .with(LEARNING_RATE, .01))
          .over(VARIANT)
          .over(TRAINED_AT)
          .work(Learning::work)
          .measure(Measure.of("steps").unit("training steps").digits(0).bootstrap())
          .measure(
              Measure.of("accuracy", "test_accuracies")
                  .unit("fraction")
                  .along(TESTED_AT)
                  .bootstrap())
          .claims(Parity::claims)
          .claim(
              Claim.outOfReach(
                  NEGATIVE,
                  "Mamba and DeltaNet learn parity once their eigenvalues may be negative",
                  "this library has neither cell",
                  "two more cells with a state of a matrix each, and their scans"))
          .table(
              Table.of(
                      "Trained at T = ${trained_at}: seeds that solved it, steps taken, accuracy of"
                          + " the test [95 %]; chance is .5")
                  .per("trained_at")
                  .rows("variant")
                  .solved()
                  .column("steps", "steps")
                  .spread("accuracy", "tested_at"))
          .plot(
              Plot.lines("accuracy", "accuracy", "tested_at")
                  .per("trained_at")
                  .by("variant")
                  .title("Parity, trained at T = ${trained_at}")
                  .axes("bits seen so far (steps)", "accuracy (fraction of sequences)")
                  .range(.4, 1.02)
                  .reference("chance", outcome -> .5)
                  .caption(
                      "Accuracy after so many bits, mean over the seeds with 95 % bands; the"
                          + " training saw ${trained_at}."));

  private Parity() {}

  private static Measured trial(TrialContext trial) {
    int length = trial.number("length");
    Model model =
        Variant.of(trial.text("variant"))
            .model(
                OptionalInt.of(2),
                trial.get(EMBEDDING_SIZE),
                trial.get(HIDDEN_SIZE),
                trial.get(NUM_LAYERS),
                2,
                length,
                trial::random);
    ParityTask task = new ParityTask(length, trial.get(SAMPLES), trial.random("data"));
    Measured measured = solver(trial).run(model, task, trial, 0, .98).withLosses();
    // One long test tells every shorter one, since each step is asked.
    ParityTask test =
        new ParityTask(
            Collections.max(trial.get(TEST_LENGTHS)),
            trial.get(TEST_SAMPLES),
            trial.random("test"));
    Session session = model.session(test.steps(), test.batch(), test.readout(), false);
    test.next();
    test.forward(session);
    test.loss(session);
    return measured.put(
        "test_accuracies",
        trial.get(TEST_LENGTHS).stream().mapToDouble(at -> test.score(session, at - 1)).toArray());
  }

  private static List<Claim> claims(Outcome outcome) {
    List<Claim> claims = new ArrayList<>();
    for (int length : outcome.get(LENGTHS)) {
      for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
        claims.add(
            tracks(
                outcome,
                length,
                cell,
                SERIAL,
                "a recurrence that is not linear in its state can track one",
                true));
      }
      claims.add(
          tracks(
              outcome,
              length,
              "min_gru",
              NEGATIVE,
              "a linear recurrence with gates between 0 and 1 cannot learn parity at lengths it has"
                  + " not seen",
              false));
      claims.add(
          tracks(
              outcome,
              length,
              "min_gru_signed",
              NEGATIVE,
              "with gates between -1 and 1 it can",
              true));
    }
    return claims;
  }

  /** A claim about the longest test. */
  private static Claim tracks(
      Outcome outcome, int length, String cell, String source, String statement, boolean can) {
    String variant = cell + ":default";
    String place =
        "variant=%s trained_at=%d tested_at=%d"
            .formatted(variant, length, outcome.get(TEST_LENGTHS).getLast());
    return Claim.tested(
        source,
        statement,
        ("${label('variant', '%s')} trained at T = %d is right on ${figure.interval} after"
                + " ${test_lengths?last} bits, ${figure.n} seeds")
            .formatted(variant, length),
        can ? Test.over("accuracy", place, TRACKS) : Test.under("accuracy", place, GUESSES));
  }
}
