package dev.unroll.experiments.experiment;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.PositionalEncoding;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.number.Interval;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Embedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Seed 004's parts 2 to 4: word embeddings, positions, and their sum as an encoder's input. */
final class Embeddings extends Study<Embeddings.Config> {
  /**
   * The settings.
   *
   * @param sentence words, separated by spaces
   * @param size width of the embedding
   */
  record Config(String sentence, int size) {
    Config {
      Configs.require(
          sentence.strip().split("\\s+").length >= 2, "sentence must have two words or more.");
      Configs.require(size >= 2 && size % 2 == 0, "size must be even and at least 2.");
    }

    List<String> words() {
      return List.of(sentence.strip().split("\\s+"));
    }
  }

  Embeddings() {
    super(
        "embeddings",
        "what does an encoder get to see of a sentence?",
        5,
        new Config(
            "Transformers have revolutionized natural language processing and machine learning.",
            8),
        new Config(
            "Transformers have revolutionized natural language processing and machine learning.",
            8));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    List<String> words = config.words();
    List<String> vocabulary = words.stream().sorted().distinct().toList();
    int[] tokens = words.stream().mapToInt(vocabulary::indexOf).toArray();
    Parameters parameters = new Parameters();
    Embedding embedding = new Embedding(parameters, "embedding.", vocabulary.size(), config.size());
    Initializer.normal(
        parameters.values(), parameters.slice("embedding.weight"), context.random("weights"), 0, 1);
    float[] rows = new float[tokens.length * config.size()];
    embedding.forward(tokens.length, tokens, rows);
    double[][] positions = PositionalEncoding.of(tokens.length, config.size());
    double[] embedded = new double[rows.length];
    Arrays.setAll(embedded, i -> rows[i]);
    ObjectNode figures = figures();
    figures.put("embedding_deviation", Interval.standardDeviation(embedded));
    put(figures, "embedding", embedded);
    put(figures, "position", Arrays.stream(positions).flatMapToDouble(Arrays::stream).toArray());
    put(figures, "encoder_input", PositionalEncoding.addedTo(rows, config.size()));
    return figures;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    List<String> words = outcome.config().words();
    int size = outcome.config().size();
    double[] position = outcome.first().numbers("position");
    double norm = size / 2.0;
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.of("embedding_deviation", Map.of(), "", outcome.each("embedding_deviation"))
            .withBand(Band.near(1, .15)));
    double worst = 0;
    for (int p = 0; p < words.size(); p++) {
      worst = Math.max(worst, Math.abs(dot(position, p, p, size) - norm));
    }
    figures.add(
        Figure.of("squared_norm_of_a_position_off_by", Map.of(), "", worst)
            .withBand(Band.atMost(1e-9)));
    double oneApart = dot(position, 0, 1, size) / norm;
    double threeApart = dot(position, 0, Math.min(3, words.size() - 1), size) / norm;
    double sameDistance =
        Math.abs(
            dot(position, 0, 1, size) - dot(position, words.size() - 2, words.size() - 1, size));
    List<Chart> charts = new ArrayList<>();
    for (String part : List.of("embedding", "position", "encoder_input")) {
      charts.add(heatMap(outcome, part, words, size));
    }
    return new Conclusion(
        new Result.Story(
            "What does an encoder get to see of a sentence?",
            "The sentence of seed 004, word by word; embeddings drawn as PyTorch draws them"
                + " (normal, deviation 1), "
                + size
                + " wide; sine and cosine positions; their sum.",
            "Nothing is concluded; the notebook leaves its cells to the reader.",
            Numbers.format(
                "Embeddings of deviation %.2f meet positions of norm %.1f. The positions of"
                    + " neighbouring words agree to %.2f of that norm squared, those three apart to"
                    + " %.2f.",
                figures.getFirst().mean(), StrictMath.sqrt(norm), oneApart, threeApart),
            "A set of words has no order; the positions give it one back. They have the same"
                + " length everywhere, and how alike two of them are depends on their distance"
                + " alone, so that a network can read off distances. Untrained embeddings are as"
                + " large as the positions: the sum is noise with a faint grid until training"
                + " makes something of it."),
        figures,
        List.of(
            new Result.Check(
                "positions grow less alike with distance",
                oneApart > threeApart,
                Numbers.format("%.3f and %.3f", oneApart, threeApart)),
            new Result.Check(
                "only the distance counts",
                sameDistance < 1e-9,
                Numbers.format("%.1e", sameDistance))),
        List.of(),
        charts);
  }

  private static double dot(double[] positions, int p, int q, int size) {
    return IntStream.range(0, size)
        .mapToDouble(i -> positions[p * size + i] * positions[q * size + i])
        .sum();
  }

  private static Chart heatMap(Outcome<Config> outcome, String part, List<String> words, int size) {
    double[] values = outcome.first().numbers(part);
    double[][] rows = new double[words.size()][size];
    List<String> labels = new ArrayList<>();
    for (int p = 0; p < words.size(); p++) {
      labels.add((p + 1) + " " + words.get(p));
      System.arraycopy(values, p * size, rows[p], 0, size);
    }
    String title = part.replace('_', ' ');
    return new Chart(
        part.replace('_', '-'),
        "The " + title + " of the first seed, a row for each word.",
        Charts.heatMap(
            title.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + title.substring(1),
            "dimension",
            "word",
            IntStream.range(0, size).boxed().toList(),
            labels,
            rows));
  }
}
