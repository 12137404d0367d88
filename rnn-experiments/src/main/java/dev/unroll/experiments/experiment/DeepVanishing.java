package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Seed 004's three stacked RNNs, whose loss goes to zero with the epochs. */
final class DeepVanishing extends Study<DeepVanishing.Config> {
  /** Loss at these epochs; no spread is given, over our seeds it is about a third of each. */
  private static final Map<Integer, Double> BAND = new LinkedHashMap<>();

  static {
    BAND.put(1, .571);
    BAND.put(10, .115);
    BAND.put(20, .0246);
    BAND.put(50, .0019);
  }

  /**
   * The settings.
   *
   * @param length T
   * @param hiddenSize H
   * @param numLayers stacked layers
   * @param learningRate Adam's
   * @param epochs training steps
   */
  record Config(int length, int hiddenSize, int numLayers, double learningRate, int epochs) {
    Config {
      Configs.require(length >= 2, "length must be at least 2.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(numLayers >= 1, "num_layers must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(epochs >= 2, "epochs must be at least 2.");
    }
  }

  DeepVanishing() {
    super(
        "deep-vanishing",
        "a loss that goes to zero with the epochs: is that a vanishing gradient?",
        20,
        new Config(20, 10, 3, .01, 50),
        new Config(20, 10, 3, .01, 20));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    float[] wave = new float[config.length()];
    for (int t = 0; t < wave.length; t++) {
      wave[t] = (float) StrictMath.sin(4 * StrictMath.PI * t / (wave.length - 1));
    }
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), 1, config.hiddenSize())
            .withNumLayers(config.numLayers());
    Model model = new Model(new Model.Config(0, recurrent, 1), context.random("weights"));
    Session session = model.session(wave.length, 1, Readout.EVERY_STEP, true, Team.single());
    Training training =
        new Training(model.parameters(), new Adam(config.learningRate()), Double.POSITIVE_INFINITY);
    double[] losses = new double[config.epochs()];
    double[][] norms = new double[config.numLayers()][config.epochs()];
    for (int epoch = 0; epoch < losses.length; epoch++) {
      losses[epoch] =
          training.step(
              () -> {
                session.forward(wave, null, null, null);
                return session.meanSquaredError(wave, null);
              },
              session::backward);
      Map<String, Double> byLayer = training.layerNorms();
      for (int layer = 0; layer < norms.length; layer++) {
        norms[layer][epoch] = byLayer.getOrDefault("layer " + (layer + 1), 0.0);
      }
    }
    ObjectNode figures = figures();
    figures.put("last_loss", losses[losses.length - 1]);
    put(figures, "losses", losses);
    for (int layer = 0; layer < norms.length; layer++) {
      put(figures, "gradient_norms_l" + layer, norms[layer]);
    }
    return figures;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    double[] x = IntStream.rangeClosed(1, config.epochs()).asDoubleStream().toArray();
    List<double[]> losses =
        outcome.records().stream().map(record -> record.numbers("losses")).toList();
    XYChart lossChart = Charts.xy("Training loss", "epochs", "log10 of the mean squared error");
    Charts.meanWithBand(
        lossChart, config.numLayers() + " stacked tanh RNNs", Ink.BLUE, x, logs(losses), false);
    XYChart normChart =
        Charts.xy("Gradient norm of each layer", "epochs", "log10 of the gradient norm");
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<Integer, Double> expected : BAND.entrySet()) {
      int epoch = expected.getKey();
      if (epoch <= config.epochs()) {
        Figure loss =
            Figure.of(
                    "loss",
                    Map.of("epoch", epoch),
                    "mean squared error",
                    losses.stream().mapToDouble(run -> run[epoch - 1]).toArray())
                .withBand(Band.near(expected.getValue(), .35 * expected.getValue()));
        Charts.expected(
            lossChart,
            figures.isEmpty() ? "bands" : "",
            epoch,
            StrictMath.log10(.65 * expected.getValue()),
            StrictMath.log10(1.35 * expected.getValue()));
        figures.add(loss);
        rows.add(
            List.of(
                String.valueOf(epoch),
                loss.text(4),
                loss.band() == null ? "" : loss.band().text()));
      }
    }
    double[] ratio = new double[0];
    for (int layer = 0; layer < config.numLayers(); layer++) {
      String name = "gradient_norms_l" + layer;
      List<double[]> norms =
          outcome.records().stream().map(record -> record.numbers(name)).toList();
      Charts.meanWithBand(normChart, "layer " + (layer + 1), Ink.of(layer), x, logs(norms), false);
      double[] first = norms.stream().mapToDouble(run -> run[0]).toArray();
      figures.add(Figure.of("gradient_norm", Map.of("layer", layer + 1, "epoch", 1), "", first));
      if (layer == 0) {
        ratio = first;
      } else if (layer == config.numLayers() - 1) {
        for (int i = 0; i < ratio.length; i++) {
          ratio[i] /= first[i];
        }
      }
    }
    Figure firstOverLast =
        Figure.of("gradient_of_first_layer_over_last", Map.of("epoch", 1), "", ratio);
    figures.add(firstOverLast);
    return new Conclusion(
        new Result.Story(
            "A loss that goes to zero with the epochs: is that a vanishing gradient?",
            "Seed 004: three stacked tanh RNNs of 10 learn to give out the sine of 20 points that"
                + " they are given; Adam at .01, 50 epochs; beside the loss the gradient norm of"
                + " each layer.",
            "At longer epochs the graph edges very close to zero, hence the problem of using RNNs"
                + " for longer training: the plot is titled Vanishing Gradient in Deeper RNNs.",
            "The loss at epochs "
                + String.join(", ", rows.stream().map(List::getFirst).toList())
                + " is "
                + String.join(
                    ", ",
                    figures.stream()
                        .filter(figure -> figure.name().equals("loss"))
                        .map(figure -> Numbers.format("%.4f", figure.mean()))
                        .toList())
                + Numbers.format(
                    ". Before training the first layer's gradient is %.2f of the last one's.",
                    firstOverLast.mean()),
            "The plot shows the loss, not a gradient, and a loss near zero is success: the network"
                + " fits the sine. Its gradients shrink at the end because there is nothing left to"
                + " learn. At the start, when vanishing would hurt, the gradient of the first layer"
                + " is smaller than that of the last, but far from gone."),
        figures,
        List.of(
            new Result.Check(
                "the first layer still learns: its first gradient is at least .05 of the last's",
                firstOverLast.mean() > .05,
                Numbers.format("%.3f", firstOverLast.mean()))),
        List.of(
            new Result.Table(
                "Training loss", List.of("epoch", "mean squared error", "band"), rows)),
        List.of(
            new Chart("loss", "Training loss, mean of log10 with its 95 % band.", lossChart),
            new Chart(
                "gradients", "Gradient norm of each layer, mean of log10 with bands.", normChart)));
  }

  private static List<double[]> logs(List<double[]> runs) {
    return runs.stream().map(run -> Arrays.stream(run).map(StrictMath::log10).toArray()).toList();
  }
}
