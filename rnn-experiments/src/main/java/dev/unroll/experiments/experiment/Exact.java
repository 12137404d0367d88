package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.NumpyRandom;
import dev.unroll.experiments.task.PositionalEncoding;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * The hand calculations of the seeds: the tiny RNN and bag of words of seed 000, the exercises of
 * seed 003, the positions and encoder input of seed 004, in double precision.
 */
final class Exact implements Experiment<Exact.Config> {
  private static final double[][] WORDS = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  /**
   * The settings.
   *
   * @param numpySeed what seed 000 gives {@code numpy.random.seed}
   * @param noise how many noise vectors it puts before the sequence
   */
  record Config(int numpySeed, int noise) {
    Config {
      Configs.require(noise >= 1, "noise must be at least 1.");
    }
  }

  /** One calculation: the printed digits and how they are computed here. */
  private record Item(String name, String source, double[] printed, Supplier<double[]> computed) {}

  @Override
  public String name() {
    return "exact";
  }

  @Override
  public String summary() {
    return "do the seeds' hand calculations hold?";
  }

  @Override
  public Config defaults() {
    return new Config(42, 5);
  }

  @Override
  public Config quick() {
    return defaults();
  }

  @Override
  public int defaultSeeds() {
    return 1;
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return items(config).stream()
        .map(item -> Trial.of(seed).with("calculation", item.name()))
        .toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Item item =
        items(config).stream()
            .filter(one -> one.name().equals(trial.text("calculation")))
            .findFirst()
            .orElseThrow();
    double[] computed = item.computed().get();
    double error = 0;
    for (int i = 0; i < item.printed().length; i++) {
      error = Math.max(error, Math.abs(computed[i] - item.printed()[i]));
    }
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("max_abs_error", error);
    figures.put("source", item.source());
    figures.set("printed", Json.COMPACT.valueToTree(item.printed()));
    figures.set("computed", Json.COMPACT.valueToTree(computed));
    return figures;
  }

  private static List<Item> items(Config config) {
    NumpyRandom random = new NumpyRandom(config.numpySeed());
    double[][] wx = random.gaussian(3, 2);
    double[][] wh = random.gaussian(2, 2);
    double[][] noise = random.gaussian(config.noise(), 3);
    return List.of(
        item("tiny RNN, step 1", "000", () -> last(wx, wh, WORDS[0]), .45952909, -.13738992),
        item(
            "tiny RNN, step 2",
            "000",
            () -> last(wx, wh, WORDS[0], WORDS[1]),
            .89327092,
            .94692458),
        item("tiny RNN, step 3", "000", () -> last(wx, wh, WORDS), .62425975, .74656684),
        item(
            "noise before the words",
            "000",
            () -> last(wx, wh, joined(noise, WORDS)),
            -.14714332,
            .23473421),
        item(
            "noise after the words",
            "what 000 needs",
            () -> last(wx, wh, joined(WORDS, noise)),
            -.97776274,
            -.96790998),
        item("bag of words, dog bites man", "000", () -> bag("dog bites man"), 1, 1, 1),
        item("bag of words, man bites dog", "000", () -> bag("man bites dog"), 1, 1, 1),
        item(
            "vanilla RNN update",
            "003, 1",
            () -> new double[] {StrictMath.tanh(1 + .5 * .5), StrictMath.tanh(-1)},
            .8482836,
            -.7615942),
        item("sequence probability", "003, 2", () -> new double[] {.8 * .6 * .5}, .24),
        item(
            "log probability",
            "003, 2",
            () -> new double[] {DoubleStream.of(.8, .6, .5).map(StrictMath::log).sum()},
            -1.4271164),
        item(
            "gradient product", "003, 3", () -> new double[] {StrictMath.pow(.8, 10)}, .1073741824),
        item("gradient clipping", "003, 4", Exact::clipped, 3, 4),
        item(
            "LSTM cell update",
            "003, 5",
            () -> new double[] {.9 * 1 + .1 * .5, .2 * -1 + .8 * .25},
            .95,
            0),
        item(
            "GRU update",
            "003, 6",
            () -> new double[] {(1 - .25) * 1 + .25 * 0, (1 - .75) * -1 + .75 * .5},
            .75,
            .125),
        item(
            "masked loss",
            "003, 7",
            () -> new double[] {(.4 * 1 + .6 * 1 + 0 * 0) / (1 + 1 + 0)},
            .5),
        item("shape of the logits", "003, 8", Exact::shape, 3, 5, 100),
        item("attention context", "003, 9", Exact::context, .7, .8),
        item(
            "positional encoding, place 1",
            "004",
            () -> PositionalEncoding.of(2, 8)[1],
            .84147098,
            .54030231,
            .09983342,
            .99500417,
            .00999983,
            .99995,
            .001,
            .9999995),
        item(
            "encoder input less embedding, place 1",
            "004",
            Exact::encoderInputLessEmbedding,
            .84147098,
            .54030231,
            .09983342,
            .99500417,
            .00999983,
            .99995,
            .001,
            .9999995));
  }

  private static Item item(
      String name, String source, Supplier<double[]> computed, double... printed) {
    return new Item(name, source, printed, computed);
  }

  /**
   * h after the last step of {@code tanh(x Wx + h Wh)} from h = 0, with row vectors as in numpy.
   */
  private static double[] last(double[][] wx, double[][] wh, double[]... xs) {
    double[] h = {0, 0};
    for (double[] x : xs) {
      double[] next = new double[h.length];
      for (int j = 0; j < h.length; j++) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
          sum += x[i] * wx[i][j];
        }
        for (int i = 0; i < h.length; i++) {
          sum += h[i] * wh[i][j];
        }
        next[j] = StrictMath.tanh(sum);
      }
      h = next;
    }
    return h;
  }

  private static double[][] joined(double[][] first, double[][] second) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(second)).toArray(double[][]::new);
  }

  /** Counts of each word, in alphabetical order of the words. */
  private static double[] bag(String sentence) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String word : sentence.split(" ")) {
      counts.merge(word, 1, Integer::sum);
    }
    return counts.values().stream().mapToDouble(count -> count).toArray();
  }

  private static double[] clipped() {
    double scale = Math.min(1, 5 / StrictMath.hypot(6, 8));
    return new double[] {6 * scale, 8 * scale};
  }

  private static double[] shape() {
    double[][][] logits = new double[3][5][100];
    return new double[] {logits.length, logits[0].length, logits[0][0].length};
  }

  private static double[] context() {
    double[] weights = {.2, .3, .5};
    double[][] states = {{1, 0}, {0, 1}, {1, 1}};
    double[] context = new double[2];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < context.length; j++) {
        context[j] += weights[i] * states[i][j];
      }
    }
    return context;
  }

  /**
   * The encoder input is embedding + position, so taking the embedding away leaves the position.
   */
  private static double[] encoderInputLessEmbedding() {
    SplittableRandom random = new SplittableRandom(1);
    double[] position = PositionalEncoding.of(2, 8)[1];
    double[] embedding = random.doubles(8, -1, 1).toArray();
    double[] input = new double[8];
    Arrays.setAll(input, i -> embedding[i] + position[i]);
    return IntStream.range(0, 8).mapToDouble(i -> input[i] - embedding[i]).toArray();
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (TrialRecord record : outcome.records()) {
      String name = record.trial().path("calculation").asString();
      figures.add(
          Figure.of(
                  "max_abs_error", Map.of("calculation", name), "", record.number("max_abs_error"))
              .withBand(Band.atMost(1e-7)));
      rows.add(
          List.of(
              name,
              record.text("source"),
              digits(record.numbers("printed")),
              digits(record.numbers("computed")),
              Numbers.format("%.1e", record.number("max_abs_error"))));
    }
    double[] bare = outcome.where("calculation", "tiny RNN, step 3").first().numbers("computed");
    double[] before =
        outcome.where("calculation", "noise before the words").first().numbers("computed");
    double[] after =
        outcome.where("calculation", "noise after the words").first().numbers("computed");
    return new Conclusion(
        new Result.Story(
            "Do the seeds' hand calculations hold?",
            "Every number that can be checked by hand: the tiny RNN with the weights of"
                + " numpy.random.seed(42), bag of words, the ten exercises, positional encoding;"
                + " recomputed in double precision.",
            "Noise put before the words shows that an early signal gets overwritten. Bag of words"
                + " gives both sentences the same vector.",
            Numbers.format(
                "All %d calculations agree with the printed digits. Noise before the words moves"
                    + " the last state by %.2f, noise after them by %.2f.",
                rows.size(), distance(bare, before), distance(bare, after)),
            "The seed prepends its noise, so that the words come last: it measures how much old"
                + " noise is left, not whether the words are forgotten. For its claim the noise has"
                + " to follow the words, and then the words' state is indeed gone. The seed's"
                + " expected vocabulary (dog 0, bites 1) is wrong too: CountVectorizer sorts, bites"
                + " is 0, as its own output shows. The tenth exercise is a list of diagnostics; the"
                + " experiment of that name does them."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Printed and recomputed",
                List.of("calculation", "seed", "printed", "recomputed", "largest error"),
                rows)),
        List.of(
            new Chart(
                "tiny-rnn",
                "The last hidden state of the tiny RNN: noise after the words takes it away.",
                chart(bare, before, after))));
  }

  private static XYChart chart(double[] bare, double[] before, double[] after) {
    XYChart chart =
        Charts.xy("Last hidden state of the tiny RNN", "h[0] (no unit)", "h[1] (no unit)");
    chart.getStyler().setXAxisMin(-1.0).setXAxisMax(1.0).setYAxisMin(-1.0).setYAxisMax(1.0);
    chart.getStyler().setMarkerSize(18);
    Charts.scatter(chart, "words alone", Ink.BLUE, new double[] {bare[0]}, new double[] {bare[1]});
    Charts.scatter(
        chart,
        "noise before (as the seed does)",
        Ink.VERMILION,
        new double[] {before[0]},
        new double[] {before[1]});
    Charts.scatter(
        chart,
        "noise after (as its claim needs)",
        Ink.GREEN,
        new double[] {after[0]},
        new double[] {after[1]});
    return chart;
  }

  private static double distance(double[] a, double[] b) {
    return StrictMath.hypot(a[0] - b[0], a[1] - b[1]);
  }

  private static String digits(double[] values) {
    return Arrays.stream(values)
        .mapToObj(value -> Numbers.format("%.10f", value).replaceAll("\\.?0+$", ""))
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }
}
