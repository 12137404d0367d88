package dev.unroll.experiments.notebook;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.PositionalEncoding;
import dev.unroll.report.chart.HeatMap;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Embedding;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.HeatMapChart;

/** Notebook 004's parts 2 to 4: word embeddings, positions, and their sum: an encoder's input. */
final class Embeddings {
  private static final Setting<String> SENTENCE =
      Setting.text("sentence")
          .require(text -> words(text).size() >= 2, "must have two words or more.");
  private static final Setting<Integer> SIZE =
      Setting.count("size", 2).require(size -> size % 2 == 0, "must be even and at least 2.");

  static final Experiment EXPERIMENT =
      Experiment.of("embeddings", Embeddings::trial)
          .settings(
              new Settings()
                  .with(
                      SENTENCE,
                      "Transformers have revolutionized natural language processing and machine"
                          + " learning.")
                  .with(SIZE, 8))
          .measure(Measure.of("embedding_deviation"))
          .derive(
              Measure.of("squared_norm_of_a_position_off_by"),
              outcome ->
                  List.of(
                      Figure.of("squared_norm_of_a_position_off_by", Map.of(), "", off(outcome))))
          .tell("norm", outcome -> StrictMath.sqrt(outcome.get(SIZE) / 2.0))
          .tell("one_apart", outcome -> likeness(outcome, 0, 1))
          .tell("three_apart", outcome -> likeness(outcome, 0, three(outcome)))
          .check(
              "positions grow less alike with distance",
              outcome -> likeness(outcome, 0, 1) > likeness(outcome, 0, three(outcome)),
              outcome ->
                  Numbers.format(
                      "%.3f and %.3f",
                      likeness(outcome, 0, 1), likeness(outcome, 0, three(outcome))))
          .check(
              "only the distance counts",
              outcome -> betweenPairs(outcome) < 1e-9,
              outcome -> Numbers.format("%.1e", betweenPairs(outcome)))
          .plot(heatMap("embedding", "embedding", "Embedding"))
          .plot(heatMap("position", "position", "Position"))
          .plot(heatMap("encoder-input", "encoder_input", "Encoder input"));

  private Embeddings() {}

  private static List<String> words(String sentence) {
    return List.of(sentence.strip().split("\\s+"));
  }

  private static Measured trial(TrialContext trial) {
    int size = trial.get(SIZE);
    List<String> words = words(trial.get(SENTENCE));
    List<String> vocabulary = words.stream().sorted().distinct().toList();
    int[] tokens = words.stream().mapToInt(vocabulary::indexOf).toArray();
    Parameters parameters = new Parameters();
    Embedding embedding = new Embedding(parameters, "embedding.", vocabulary.size(), size);
    Initializer.normal(
        parameters.values(), parameters.slice("embedding.weight"), trial.random("weights"), 0, 1);
    float[] rows = new float[tokens.length * size];
    embedding.forward(tokens.length, tokens, rows);
    double[] embedded = IntStream.range(0, rows.length).mapToDouble(i -> rows[i]).toArray();
    double[] positions =
        Arrays.stream(PositionalEncoding.of(tokens.length, size))
            .flatMapToDouble(Arrays::stream)
            .toArray();
    double[] input = new double[rows.length];
    Arrays.setAll(input, i -> embedded[i] + positions[i]);
    return new Measured()
        .put("embedding_deviation", Estimate.mean(embedded).sd())
        .put("embedding", embedded)
        .put("position", positions)
        .put("encoder_input", input);
  }

  /** How far the squared norm of any position is from half the width. */
  private static double off(Outcome outcome) {
    double norm = outcome.get(SIZE) / 2.0;
    return IntStream.range(0, words(outcome.get(SENTENCE)).size())
        .mapToDouble(p -> Math.abs(dot(outcome, p, p) - norm))
        .max()
        .orElseThrow();
  }

  private static int three(Outcome outcome) {
    return Math.min(3, words(outcome.get(SENTENCE)).size() - 1);
  }

  /** The dot product of two positions, as a part of their squared norm. */
  private static double likeness(Outcome outcome, int p, int q) {
    return dot(outcome, p, q) / (outcome.get(SIZE) / 2.0);
  }

  /** How differently the first and the last two neighbours are alike. */
  private static double betweenPairs(Outcome outcome) {
    int last = words(outcome.get(SENTENCE)).size() - 1;
    return Math.abs(dot(outcome, 0, 1) - dot(outcome, last - 1, last));
  }

  private static double dot(Outcome outcome, int p, int q) {
    double[] positions = outcome.first().numbers("position");
    int size = outcome.get(SIZE);
    return IntStream.range(0, size)
        .mapToDouble(i -> positions[p * size + i] * positions[q * size + i])
        .sum();
  }

  private static Plot heatMap(String file, String values, String title) {
    return Plot.of(file, outcome -> heatMap(outcome, values, title))
        .caption(title + " of the first seed, a row for each word.");
  }

  private static HeatMapChart heatMap(Outcome outcome, String values, String title) {
    int size = outcome.get(SIZE);
    double[] all = outcome.first().numbers(values);
    List<String> words = words(outcome.get(SENTENCE));
    double[][] rows = new double[words.size()][];
    Arrays.setAll(rows, p -> Arrays.copyOfRange(all, p * size, (p + 1) * size));
    return HeatMap.of(
        title,
        "dimension",
        "word",
        IntStream.range(0, size).boxed().toList(),
        IntStream.range(0, words.size()).mapToObj(p -> p + 1 + " " + words.get(p)).toList(),
        rows);
  }
}
