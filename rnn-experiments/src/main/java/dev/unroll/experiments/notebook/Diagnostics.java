package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Exercise 10 of notebook 003: masks, gradient norms, gates, short and long sequences apart. */
final class Diagnostics {
  private static final int BINS = 20;
  private static final int VOCAB = 10;

  /** Training steps between two looks at the norms. */
  private static final int EVERY = 10;

  private static final Setting<Integer> SHORTEST = Setting.count("shortest", 1);
  private static final Setting<Integer> LONGEST = Setting.count("longest", 2);
  private static final Axis STEP = Axis.range("step", 0, all -> all.get(STEPS) - 1, EVERY);
  private static final Axis OPENNESS =
      Axis.of("open", all -> IntStream.range(0, BINS).mapToObj(i -> (i + .5) / BINS).toList());

  static final Experiment EXPERIMENT =
      Experiment.of("diagnostics", Diagnostics::trial)
          .settings(
              new Settings()
                  .with(
                      CELLS.require(
                          cells -> List.of("lstm", "gru").containsAll(cells),
                          "must be lstm or gru: gates."),
                      "lstm",
                      "gru")
                  .with(SHORTEST, 3)
                  .with(LONGEST, 20)
                  .with(HIDDEN_SIZE, 64)
                  .with(STEPS, 400)
                  .with(SAMPLES.require(samples -> samples >= 2, "must be at least 2."), 100)
                  .with(LEARNING_RATE, .01)
                  .require(
                      "shortest must be below longest.",
                      all -> all.get(SHORTEST) < all.get(LONGEST)))
          .quick(
              full -> full.with(LONGEST, 8).with(HIDDEN_SIZE, 16).with(STEPS, 20).with(SAMPLES, 40))
          .over(CELL)
          .measure(Measure.of("accuracy_short").unit("fraction"))
          .measure(Measure.of("accuracy_long").unit("fraction"))
          .measure(saturated("saturated_before", "gates_before"))
          .measure(saturated("saturated_after", "gates_after"))
          .measure(Measure.last("log10_gradient_at_first_step", "gradient_through_time").digits(1))
          .measure(Measure.of("padding_moves_loss").unit("nats"))
          .measure(Measure.of("gates_before").along(OPENNESS).labelled("before").drawn())
          .measure(Measure.of("gates_after").along(OPENNESS).labelled("after").drawn())
          .measure(norms("embedding"))
          .measure(norms("layer 1"))
          .measure(norms("readout"))
          .measure(
              Measure.of("gradient_through_time")
                  .along(Axis.range("lag", 0, all -> all.get(LONGEST) - 1, 1))
                  .drawn())
          .table(
              Table.of("Inside the training")
                  .rows("cell")
                  .column("accuracy, short", "accuracy_short")
                  .column("accuracy, long", "accuracy_long")
                  .column("gates saturated before", "saturated_before")
                  .column("gates saturated after", "saturated_after")
                  .column("log10 gradient at the first step", "log10_gradient_at_first_step")
                  .column("loss moved by padding", "padding_moves_loss"))
          .plot(
              Plot.lines("gates", "gates_before", "open")
                  .beside("gates_after")
                  .by("cell")
                  .title("The gate that keeps: f of the LSTM, z of the GRU")
                  .axes("openness of the gate (0 closed, 1 open)", "fraction of units and steps")
                  .caption("Histograms of the gate, mean over the seeds with bands."))
          .plot(
              Plot.lines("norms", "norms embedding", "step")
                  .beside("norms layer 1")
                  .beside("norms readout")
                  .by("cell")
                  .log10()
                  .curves()
                  .title("Gradient norms during training")
                  .axes("training steps", "log10 of the norm")
                  .caption(
                      "Gradient norm of each layer, log10 of the mean over the seeds with bands."))
          .plot(
              Plot.lines("through-time", "gradient_through_time", "lag")
                  .by("cell")
                  .title("Gradient of the loss by the state, after training")
                  .axes("lag behind the last step (steps)", "log10 of the norm, last step = 0")
                  .caption(
                      "How far the gradient reaches in the longest sequences, with 95 % bands."));

  private Diagnostics() {}

  /** The fraction of values below .1 or above .9. */
  private static Measure saturated(String name, String histogram) {
    return Measure.of(
            name,
            record -> {
              double[] bins = record.numbers(histogram);
              return bins[0] + bins[1] + bins[BINS - 2] + bins[BINS - 1];
            })
        .unit("fraction")
        .digits(3);
  }

  private static Measure norms(String layer) {
    return Measure.of("norms " + layer).along(STEP).labelled(layer).drawn();
  }

  private static Measured trial(TrialContext trial) {
    // The gate that decides what is kept: f of the LSTM, z of the GRU.
    int keeps = 1;
    int batch = trial.get(SAMPLES);
    int steps = trial.get(STEPS);
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named(trial.text("cell")), 16, trial.get(HIDDEN_SIZE));
    Model model =
        new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), trial.random("weights"));
    CopyFirstTask task = new CopyFirstTask(trial.get(LONGEST), batch, VOCAB, trial.random("data"));
    SplittableRandom lengthRandom = trial.random("lengths");
    int[] lengths = new int[batch];
    Session session = model.session(task.steps(), batch, task.readout(), true);
    Training training = new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), 5);
    task.next();
    double[] gatesBefore = GateProbe.histogram(model, keeps, task.tokens(), batch, BINS);
    Map<String, List<Double>> norms = new LinkedHashMap<>();
    for (int step = 0; step < steps; step++) {
      task.next();
      draw(lengths, trial, lengthRandom);
      training.step(
          () -> {
            session.forward(task.tokens(), null, lengths, null);
            return session.crossEntropy(task.targets());
          },
          session::backward);
      if (step % EVERY == 0) {
        training
            .layerNorms()
            .forEach(
                (layer, norm) -> norms.computeIfAbsent(layer, l -> new ArrayList<>()).add(norm));
      }
      trial.progress((step + 1.0) / (steps + 1));
    }
    task.next();
    draw(lengths, trial, lengthRandom);
    Measured measured = new Measured();
    test(measured, trial, session, task, lengths);
    double[] through = TimeGradients.log10Norms(model, task.tokens(), task.targets(), batch);
    measured
        .put("gates_before", gatesBefore)
        .put("gates_after", GateProbe.histogram(model, keeps, task.tokens(), batch, BINS))
        .put("gradient_through_time", through);
    norms.forEach((layer, values) -> measured.put("norms " + layer, values));
    return measured;
  }

  private static void draw(int[] lengths, TrialContext trial, SplittableRandom random) {
    Arrays.setAll(lengths, b -> random.nextInt(trial.get(SHORTEST), trial.get(LONGEST) + 1));
  }

  /** Accuracy on short and long sequences apart, and whether padding changes the loss. */
  private static void test(
      Measured measured, TrialContext trial, Session session, CopyFirstTask task, int[] lengths) {
    session.forward(task.tokens(), null, lengths, null);
    double loss = session.crossEntropy(task.targets());
    int middle = (trial.get(SHORTEST) + trial.get(LONGEST)) / 2;
    double[] right = new double[2];
    double[] all = new double[2];
    int[] predictions = session.predictions();
    for (int b = 0; b < lengths.length; b++) {
      int group = lengths[b] <= middle ? 0 : 1;
      all[group]++;
      right[group] += predictions[b] == task.targets()[b] ? 1 : 0;
    }
    int[] repadded = task.tokens().clone();
    for (int i = 0; i < repadded.length; i++) {
      if (i / lengths.length >= lengths[i % lengths.length]) {
        repadded[i] = (repadded[i] + 1) % VOCAB;
      }
    }
    session.forward(repadded, null, lengths, null);
    measured
        .put("accuracy_short", right[0] / Math.max(1, all[0]))
        .put("accuracy_long", right[1] / Math.max(1, all[1]))
        .put("padding_moves_loss", Math.abs(session.crossEntropy(task.targets()) - loss));
  }
}
