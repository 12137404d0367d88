package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Figure;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Something of a trained cell that the map has a place for.
 *
 * @param kind the table that it stands in
 * @param what in a few words
 * @param gloss what is asked, with the name that papers have for it
 * @param experiment the one that asks
 * @param figure its name there
 * @param where what its place must hold besides the variant
 * @param form what the figure is
 * @param lengths the setting with the lengths asked; empty where that does not matter
 * @param seeds the figure of the seeds that have it at a length; of those that learned the task for
 *     dynamics; empty for none
 * @param answers how many answers a guess has to choose from; 0 where it means nothing
 */
record Ability(
    Kind kind,
    String what,
    String gloss,
    String experiment,
    String figure,
    Map<String, Object> where,
    Form form,
    String lengths,
    String seeds,
    int answers) {

  /** What the tables are of. */
  enum Kind {
    TRACKED("Tracked"),
    RECALLED("Recalled"),
    REMEMBERED("Remembered"),
    LANGUAGE("Language"),
    DYNAMICS("After training");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  /** What a figure is. */
  enum Form {
    /** The steps over which something is kept. */
    STEPS,
    /** The fraction of right answers at the longest length. */
    FRACTION,
    /** A loss: the less the better. */
    LOSS,
    /** Neither good nor bad. */
    NEUTRAL
  }

  static final List<Ability> ALL =
      List.of(
          group("Z2"),
          group("S3"),
          group("A5"),
          group("S5"),
          language("parity", "parity", "whether the ones so far are odd in number", 2),
          language("even pairs", "even-pairs", "whether the last token differs from the first", 2),
          language(
              "a circle of five (cycle navigation)",
              "cycle-navigation",
              "the place on it after steps back, none and forth",
              5),
          language(
              "bracket depth",
              "bracket-depth",
              "how many brackets are open, where fewer than eight are",
              8),
          language(
              "bucket sort",
              "bucket-sort",
              "the letters of a string in their order, told after it",
              5),
          recalled(
              "keys and values (MQAR)",
              "mqar",
              "multi-query associative recall: pairs first, then the value of each key that"
                  + " is asked for"),
          recalled(
              "data out of noise (selective copying)",
              "selective-copy",
              "a few data tokens from random steps among noise, in their order"),
          remembered(
              "the first symbol (copy-first)", "copy-first", "the first token, told at the end"),
          remembered(
              "ten symbols (copy-memory)",
              "copy-memory",
              "the copying problem: ten symbols, told in their order after T blanks"),
          text("equal parameters", "held_out_loss"),
          text("equal time", "held_out_loss_at_equal_time"),
          dynamics("Newton iterations", "parity", "newton_iterations", "parity:20", 1024),
          dynamics(
              "Newton iterations", "a task without memory", "newton_iterations", "last:20", 1024),
          dynamics("largest Lyapunov exponent", "parity", "exponent", "parity:20", 0));

  private static Ability group(String name) {
    return new Ability(
        Kind.TRACKED,
        "product in " + name,
        "word problem: the product of all elements so far",
        "word-problems",
        "kept_to",
        Map.of("group", name.toLowerCase(Locale.ROOT)),
        Form.STEPS,
        "test_lengths",
        "seeds_that_track",
        0);
  }

  private static Ability language(String what, String language, String gloss, int answers) {
    return new Ability(
        Kind.TRACKED,
        what,
        gloss,
        "formal-languages",
        "farthest_accuracy",
        Map.of("language", language),
        Form.FRACTION,
        "test_lengths",
        "seeds_that_generalize",
        answers);
  }

  private static Ability recalled(String what, String task, String gloss) {
    return new Ability(
        Kind.RECALLED,
        what,
        gloss,
        "recall",
        "recalled_to",
        Map.of("task", task),
        Form.STEPS,
        "lengths",
        "seeds_that_recall",
        0);
  }

  private static Ability remembered(String what, String task, String gloss) {
    return new Ability(
        Kind.REMEMBERED,
        what,
        gloss,
        "memory",
        "remembered_to",
        Map.of("task", task),
        Form.STEPS,
        "lengths",
        "seeds_that_remember",
        0);
  }

  private static Ability text(String what, String figure) {
    return new Ability(Kind.LANGUAGE, what, "", "language", figure, Map.of(), Form.LOSS, "", "", 0);
  }

  private static Ability dynamics(
      String what, String learned, String figure, String task, int length) {
    Map<String, Object> where =
        length == 0
            ? Map.of("task", task, "stage", "after")
            : Map.of("task", task, "stage", "after", "T", length);
    return new Ability(
        Kind.DYNAMICS,
        what + (length == 0 ? "" : " for T = " + length) + ", of networks that learned " + learned,
        "",
        "cell-dynamics",
        figure,
        where,
        Form.NEUTRAL,
        "",
        "learned",
        0);
  }

  /** Whether it is something that a cell can do, from nothing to all of it. */
  boolean isScored() {
    return form == Form.STEPS || form == Form.FRACTION;
  }

  /** What a guess is right in; NaN where that means nothing. */
  double chance() {
    return answers == 0 ? Double.NaN : 1. / answers;
  }

  /** The best first. */
  Comparator<Figure> order() {
    Comparator<Figure> rising = Comparator.comparingDouble(Figure::mean);
    return form == Form.LOSS ? rising : rising.reversed();
  }

  /** With its kind, as a sentence begins. */
  String title() {
    return kind.title() + ", " + what;
  }
}
