package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.page.Resources;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an experiment found, in a sentence with its intervals: as {@code answers.properties} has it,
 * or else the first sentences of the experiment's own text.
 */
final class Answer {
  private static final Pattern PLACE = Pattern.compile("\\{([^}]+)}");
  private static final Properties ANSWERS =
      Resources.properties(Answer.class, "answers.properties");
  private static final int LONGEST = 300;

  private Answer() {}

  static String of(Result result) {
    String answer = ANSWERS.getProperty(result.experiment());
    try {
      return answer == null ? told(result) : filled(answer, result);
    } catch (NoSuchElementException otherSettings) {
      return told(result); // the run has not measured what the sentence is about
    }
  }

  /** The sentence with its figures. */
  static String filled(String answer, Result result) {
    return PLACE
        .matcher(answer)
        .replaceAll(
            place ->
                Matcher.quoteReplacement(
                    place.group(1).equals("happened")
                        ? cut(sentences(result).getFirst())
                        : figure(List.of(place.group(1).split("; ", -1)), result)));
  }

  /** With its interval, which of three seeds would be their range. */
  private static String figure(List<String> asked, Result result) {
    Figure figure =
        result.figures().stream()
            .filter(one -> one.name().equals(asked.getFirst()))
            .filter(one -> asked.stream().skip(1).allMatch(axis -> has(one, axis)))
            .findFirst()
            .orElseThrow();
    String text = figure.withoutUnit();
    return figure.n() > 3 ? text : text.replaceFirst(" \\[.*", "");
  }

  private static boolean has(Figure figure, String axis) {
    String[] pair = axis.split("=", 2);
    return String.valueOf(figure.where().get(pair[0])).equals(pair[1]);
  }

  /** The first sentence, and the next where only that has an interval. */
  private static String told(Result result) {
    List<String> sentences = sentences(result);
    String first = cut(sentences.getFirst());
    return first.contains("[")
        ? first
        : first
            + sentences.stream()
                .skip(1)
                .limit(1)
                .filter(next -> next.contains("["))
                .map(next -> " " + cut(next))
                .findFirst()
                .orElse("");
  }

  private static List<String> sentences(Result result) {
    return Stream.of(result.story().happened().split("\\n\\n|(?<=[.!?]) (?=[A-Z])", -1))
        .map(String::strip)
        .toList();
  }

  private static String cut(String sentence) {
    if (sentence.length() <= LONGEST) {
      return sentence;
    }
    int end = Math.max(sentence.lastIndexOf(';', LONGEST), sentence.lastIndexOf(',', LONGEST));
    return sentence.substring(0, end > 0 ? end : LONGEST) + " …";
  }
}
