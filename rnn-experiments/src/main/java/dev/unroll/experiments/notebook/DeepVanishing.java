package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Notebook 004's three stacked RNNs, whose loss goes to zero with the epochs. */
final class DeepVanishing {
  private static final Setting<Integer> LENGTH = Setting.count("length", 2);
  private static final Axis LAYER =
      Axis.range("layer", 1, all -> all.get(NUM_LAYERS), 1).labelled(layer -> "layer " + layer);
  private static final Axis CURVE = Axis.range("epochs", 1, all -> all.get(EPOCHS), 1);

  static final Experiment EXPERIMENT =
      Experiment.of("deep-vanishing", DeepVanishing::trial)
          .settings(
              new Settings()
                  .with(LENGTH, 20)
                  .with(HIDDEN_SIZE, 10)
                  .with(NUM_LAYERS, 3)
                  .with(LEARNING_RATE, .01)
                  .with(EPOCHS.require(epochs -> epochs >= 2, "must be at least 2."), 50))
          .quick(full -> full.with(EPOCHS, 20))
          .seeds(20)
          .measure(
              Measure.list("loss", DeepVanishing::losses)
                  .along(Axis.of("epoch", DeepVanishing::epochs))
                  .unit("mean squared error")
                  .digits(4))
          .measure(Measure.list("gradient_norm", DeepVanishing::first).along(LAYER).at("epoch", 1))
          .measure(
              Measure.list("gradient_of_first_layer_over_last", DeepVanishing::ratio)
                  .at("epoch", 1))
          .measure(Measure.of("losses").labelled("mean over the seeds").along(CURVE).drawn())
          .measure(
              Measure.list(
                      "gradient_norms",
                      (all, record) -> norms(all, record).flatMapToDouble(Arrays::stream).toArray())
                  .along(LAYER, CURVE)
                  .drawn())
          .check(
              "the first layer still learns: its first gradient is at least .05 of the last's",
              outcome -> firstOverLast(outcome) > .05,
              outcome -> Numbers.format("%.3f", firstOverLast(outcome)))
          .table(
              Table.of("Training loss")
                  .rows("epoch")
                  .column("mean squared error", "loss")
                  .band("loss"))
          .plot(
              Plot.lines("loss", "losses", "epochs")
                  .log10()
                  .curves()
                  .bands("bands", "loss", "epoch")
                  .title("Training loss of ${num_layers} stacked tanh RNNs")
                  .axes("epochs", "log10 of the mean squared error")
                  .caption("Training loss, log10 of the mean over the seeds and of its 95 % band."))
          .plot(
              Plot.lines("gradients", "gradient_norms", "epochs")
                  .by("layer")
                  .log10()
                  .curves()
                  .title("Gradient norm of each layer")
                  .axes("epochs", "log10 of the gradient norm")
                  .caption("Gradient norm of each layer, log10 of the mean with bands."));

  private DeepVanishing() {}

  private static Measured trial(TrialContext trial) {
    float[] wave = Sine.wave(trial.get(LENGTH));
    int layers = trial.get(NUM_LAYERS);
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), 1, trial.get(HIDDEN_SIZE))
            .withNumLayers(layers);
    Model model = new Model(Model.Config.of(recurrent, 1), trial.random("weights"));
    Session session = model.session(wave.length, 1, Readout.EVERY_STEP, true);
    Training training =
        new Training(
            model.parameters(), new Adam(trial.get(LEARNING_RATE)), Double.POSITIVE_INFINITY);
    double[] losses = new double[trial.get(EPOCHS)];
    double[][] norms = new double[layers][losses.length];
    for (int epoch = 0; epoch < losses.length; epoch++) {
      losses[epoch] = Sine.copy(training, session, wave);
      Map<String, Double> byLayer = training.layerNorms();
      for (int layer = 0; layer < layers; layer++) {
        norms[layer][epoch] = byLayer.getOrDefault("layer " + (layer + 1), 0.0);
      }
    }
    Measured measured =
        new Measured().put("last_loss", losses[losses.length - 1]).put("losses", losses);
    for (int layer = 0; layer < layers; layer++) {
      measured.put("gradient_norms_l" + layer, norms[layer]);
    }
    return measured;
  }

  /** The epochs that the loss is told at. */
  private static List<Integer> epochs(Settings all) {
    return Stream.of(1, 10, 20, 50).filter(epoch -> epoch <= all.get(EPOCHS)).toList();
  }

  private static double[] losses(Settings all, TrialRecord record) {
    double[] losses = record.numbers("losses");
    return epochs(all).stream().mapToDouble(epoch -> losses[epoch - 1]).toArray();
  }

  /** Each layer's gradient norm by epoch. */
  private static Stream<double[]> norms(Settings all, TrialRecord record) {
    return IntStream.range(0, all.get(NUM_LAYERS))
        .mapToObj(layer -> record.numbers("gradient_norms_l" + layer));
  }

  /** Each layer's gradient norm at the first epoch. */
  private static double[] first(Settings all, TrialRecord record) {
    return norms(all, record).mapToDouble(epochs -> epochs[0]).toArray();
  }

  private static double[] ratio(Settings all, TrialRecord record) {
    double[] first = first(all, record);
    return new double[] {first[0] / first[first.length - 1]};
  }

  private static double firstOverLast(Outcome outcome) {
    return outcome.mean("gradient_of_first_layer_over_last", "");
  }
}
