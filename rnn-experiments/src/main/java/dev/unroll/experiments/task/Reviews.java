package dev.unroll.experiments.task;

import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Short texts with a verdict, 1 for praise and 0 for blame: generated ones, or a file of the user's
 * with a line for each, {@code 1<tab>text} or {@code 0<tab>text}.
 *
 * @param texts the words of each text
 * @param labels their verdicts
 */
public record Reviews(List<List<String>> texts, List<Integer> labels) {
  private static final List<String> SUBJECTS =
      List.of("the film", "the plot", "the acting", "the music", "the ending", "the picture");
  private static final List<String> GOOD =
      List.of("good", "great", "moving", "clever", "funny", "fine");
  private static final List<String> BAD = List.of("bad", "dull", "boring", "weak", "slow", "silly");
  private static final List<String> DEGREES = List.of("", "very", "rather", "quite");

  /** Generated reviews: one or two clauses of one verdict, of which a half says it by negation. */
  public static Reviews generate(int count, RandomGenerator random) {
    List<List<String>> texts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int label = random.nextInt(2);
      StringBuilder text = new StringBuilder(clause(label, random));
      if (random.nextBoolean()) {
        text.append(" and ").append(clause(label, random));
      }
      texts.add(List.of(text.toString().split(" +")));
      labels.add(label);
    }
    return new Reviews(texts, labels);
  }

  private static String clause(int label, RandomGenerator random) {
    boolean negated = random.nextBoolean();
    List<String> words = (label == 1) == negated ? BAD : GOOD;
    return pick(SUBJECTS, random)
        + (negated ? " is not " : " is ")
        + pick(DEGREES, random)
        + " "
        + pick(words, random);
  }

  private static String pick(List<String> words, RandomGenerator random) {
    return words.get(random.nextInt(words.size()));
  }

  /**
   * Reads a file.
   *
   * @throws InputException when a line is not a verdict, a tab and a text, or there are too few
   */
  public static Reviews read(Path file) {
    List<List<String>> texts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    List<String> lines;
    try {
      lines = Corpus.ofFile(file).text().lines().toList();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      if (!line.matches("[01]\t.*\\S.*")) {
        throw new InputException(
            "%s, line %d: expected 1 (praise) or 0 (blame), a tab and a text."
                .formatted(file, i + 1));
      }
      labels.add(line.charAt(0) - '0');
      texts.add(
          List.of(
              line.substring(2)
                  .toLowerCase(Locale.ROOT)
                  .replaceAll("[^\\p{L}\\p{N}']+", " ")
                  .strip()
                  .split(" ")));
    }
    if (texts.size() < 10) {
      throw new InputException(
          "%s holds %d reviews: at least 10 are needed.".formatted(file, texts.size()));
    }
    return new Reviews(texts, labels);
  }

  /** Those at some places, in that order. */
  public Reviews only(List<Integer> places) {
    return new Reviews(
        places.stream().map(texts::get).toList(), places.stream().map(labels::get).toList());
  }

  /** How many there are. */
  public int size() {
    return texts.size();
  }
}
