package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.TinyShakespeare;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import tools.jackson.databind.node.ObjectNode;

/** Seed 000's "gradients shrink with length", parameter by parameter. */
final class MeanReduction extends Study<MeanReduction.Config> {
  /** What seed 000 prints at T = 200, in the order of the parameters. */
  private static final Map<String, Double> PRINTED = new LinkedHashMap<>();

  static {
    PRINTED.put("embedding.weight", .023717757314443588);
    PRINTED.put("rnn.weight_ih_l0", .4803493320941925);
    PRINTED.put("rnn.weight_hh_l0", .2789147198200226);
    PRINTED.put("rnn.bias_ih_l0", .10563002526760101);
    PRINTED.put("rnn.bias_hh_l0", .10563002526760101);
    PRINTED.put("fc.weight", .5119559168815613);
    PRINTED.put("fc.bias", .20093689858913422);
  }

  /**
   * The settings.
   *
   * @param text a UTF-8 file, or empty for the sources of java.util in the running JDK
   * @param maxCharacters how much of the text is used
   * @param hiddenSize H
   * @param shortLength the short sequence
   * @param longLength the long sequence
   */
  record Config(String text, int maxCharacters, int hiddenSize, int shortLength, int longLength) {
    Config {
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(
          shortLength >= 1 && shortLength < longLength,
          "short_length must be at least 1 and below long_length.");
      Configs.require(maxCharacters >= 1000, "max_characters must be at least 1000.");
    }
  }

  MeanReduction() {
    super(
        "mean-reduction",
        "gradients shrink with the length of the sequence: do they vanish?",
        20,
        new Config("", 50_000, 128, 20, 200),
        new Config("", 50_000, 128, 20, 200));
  }

  @Override
  public String fingerprint(Config config) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    corpus.require(config.longLength() + 2, "long_length " + config.longLength());
    return corpus.name() + ", SHA-256 " + corpus.sha256();
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Corpus corpus = Corpus.load(config.text(), config.maxCharacters());
    String used =
        corpus.text().substring(0, Math.min(corpus.text().length(), config.maxCharacters()));
    Vocabulary vocabulary = Vocabulary.of(used);
    int[] text = vocabulary.encode(corpus.name(), used);
    int v = vocabulary.size();
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("rnn_tanh"), v, config.hiddenSize());
    Model model = new Model(new Model.Config(v, recurrent, v), context.random("weights"));
    double[] shortNorms = norms(model, text, config.shortLength());
    double[] longNorms = norms(model, text, config.longLength());
    double[] ratios = new double[shortNorms.length];
    Arrays.setAll(ratios, i -> longNorms[i] / shortNorms[i]);
    ObjectNode figures = figures();
    figures.put("ratio_w_hh", ratios[2]);
    put(figures, "short_norms", shortNorms);
    put(figures, "long_norms", longNorms);
    put(figures, "ratios", ratios);
    return figures;
  }

  @Override
  public boolean bandsHold(Config config) {
    Config usual = defaults();
    return config.equals(usual)
        || config.equals(
            new Config(
                TinyShakespeare.NAME,
                usual.maxCharacters(),
                usual.hiddenSize(),
                usual.shortLength(),
                usual.longLength()));
  }

  /** The norm of each parameter's gradient of the mean loss over the first {@code steps}. */
  private static double[] norms(Model model, int[] text, int steps) {
    Session session = model.session(steps, 1, Readout.EVERY_STEP, true, Team.single());
    Parameters parameters = model.parameters();
    parameters.zeroGradients();
    session.forward(Arrays.copyOf(text, steps), null, null, null);
    session.crossEntropy(Arrays.copyOfRange(text, 1, steps + 1));
    session.backward();
    return parameters.slices().stream()
        .mapToDouble(slice -> norm(parameters.gradients(), slice))
        .toArray();
  }

  private static double norm(float[] gradients, Parameters.Slice slice) {
    double sum = 0;
    for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
      sum += (double) gradients[i] * gradients[i];
    }
    return StrictMath.sqrt(sum);
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<String> names = List.copyOf(PRINTED.keySet());
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    double[] means = new double[names.size()];
    double[] errors = new double[names.size()];
    double factor = (double) config.longLength() / config.shortLength();
    for (int i = 0; i < names.size(); i++) {
      int at = i;
      String name = names.get(i);
      Map<String, Object> where = Map.of("parameter", name);
      Figure ratio = Figure.of("ratio", where, "", each(outcome, "ratios", at));
      Figure atLong = Figure.of("norm_at_long_length", where, "", each(outcome, "long_norms", at));
      // The bands are those of tiny Shakespeare, the notebook's text.
      if (!config.text().equals(TinyShakespeare.NAME)) {
        ratio = ratio.withBand(null);
      } else if (name.equals("rnn.weight_hh_l0")) {
        ratio = ratio.withBand(Band.near(.50, .15));
      } else if (name.equals("fc.weight")) {
        ratio = ratio.withBand(Band.near(.52, .15));
      }
      Double printed = PRINTED.get(name);
      if (printed != null) {
        atLong = atLong.withClaim(printed);
      }
      figures.addAll(List.of(ratio, atLong));
      means[i] = ratio.mean();
      Double low = ratio.low();
      errors[i] = low == null ? 0 : ratio.mean() - low;
      rows.add(
          List.of(
              name,
              ratio.text(2),
              Numbers.format("%.1f", factor * ratio.mean()),
              atLong.text(3),
              printed == null ? "" : Numbers.format("%.3f", printed)));
    }
    CategoryChart chart =
        Charts.bars(
            "Gradient norm at T = %d over that at T = %d"
                .formatted(config.longLength(), config.shortLength()),
            "parameter",
            "ratio (no unit)");
    chart.getStyler().setXAxisLabelRotation(20);
    Charts.bar(chart, "mean loss, as in seed 000", Ink.BLUE, names, means, errors);
    double hh = means[2];
    double fc = means[5];
    return new Conclusion(
        new Result.Story(
            "Gradients shrink with the length of the sequence: do they vanish?",
            "Seed 000's untrained model on the first "
                + config.shortLength()
                + " and the first "
                + config.longLength()
                + " characters of a text (the JDK's own sources unless another is named; the"
                + " notebook's is tiny Shakespeare); the norm of each parameter's gradient of the"
                + " mean loss.",
            "At T = 200 it prints the norms and concludes: as the sequence length increases, early"
                + " layers' gradients shrink, and this makes vanishing gradient concrete.",
            Numbers.format(
                "The gradient of W_hh shrinks to %.2f of itself, and that of the output layer,"
                    + " through which no time passes, to %.2f.",
                hh, fc),
            Numbers.format(
                "The loss is a mean over T: each step's part is divided by T, and parts of"
                    + " different steps point in different directions, so that their mean shrinks"
                    + " for every parameter alike. With the sum instead of the mean the same norms"
                    + " grow by the factors in the third column. Vanishing shows in the gradient of"
                    + " one step's loss by the state of an earlier one, which"
                    + " gradient-through-time measures.")),
        figures,
        List.of(
            new Result.Check(
                "the output layer shrinks as much as W_hh",
                Math.abs(hh - fc) < .15,
                Numbers.format("%.3f and %.3f", fc, hh))),
        List.of(
            new Result.Table(
                "Gradient norms at T = %d against T = %d"
                    .formatted(config.longLength(), config.shortLength()),
                List.of(
                    "parameter",
                    "ratio, mean loss",
                    "ratio, summed loss",
                    "norm at T = " + config.longLength(),
                    "seed 000"),
                rows)),
        List.of(
            new Chart(
                "ratios",
                "Every parameter's gradient shrinks about alike, also where no time passes.",
                chart)));
  }

  private static double[] each(Outcome<Config> outcome, String figure, int at) {
    return outcome.records().stream().mapToDouble(record -> record.numbers(figure)[at]).toArray();
  }
}
