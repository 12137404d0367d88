package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Exercise 2 of notebook 001: names, character by character, from a start to an end token; two of
 * them, so that what comes after them, their initials, has to be remembered.
 */
final class Names {
  private static final String START = "^";
  private static final String END = "$";

  /** Pairs of names that are held out, of validation and of test. */
  private static final int TESTED = 500;

  /** Pairs that each network draws, and those of them that are shown. */
  private static final int DRAWN = 200;

  private static final int SHOWN = 10;

  /** The longest n-grams that are counted. */
  private static final int LONGEST_NGRAM = 8;

  private static final Setting<Integer> PAIRS = Setting.count("pairs", 1, MOST_DRAWN);

  private static final String NAMES =
      """
      emma olivia ava sophia isabella mia charlotte amelia harper evelyn liam noah william james
      oliver benjamin elijah lucas mason logan anna maria elena lena nina clara laura sarah hannah
      julia marie louise alice emily lucy grace ella lily rose ruby daisy violet ivy hazel stella
      nora norah leah lea mila eva eve ada ida edith agnes martha marta greta rita anita sonia
      tania diana helena irena marina martina christina christine caroline carolina catherine
      karin karen ellen helen eleanor leonora victoria veronica monica angela angelina adriana
      juliana liana ariana daniela gabriela michaela pamela thomas peter paul john jack jacob
      daniel samuel david michael gabriel raphael simon martin christian christopher alexander
      sebastian julian adrian fabian damian florian benedict dominic patrick frederick eric
      richard robert albert hubert gilbert edward edwin edmund oscar victor hector arthur walter
      peter anton antonio leo leon leonard bernard gerard henry harry louis luis felix max
      maximilian marcus mark luke matthew andrew anthony stephen steven kevin brian ryan aidan
      ethan nathan jonathan aaron adam alan allan evan ivan ian sean dean\
      """;

  static final Experiment EXPERIMENT =
      new Contest("held-out loss", "nats per character", false)
          .over(
              Experiment.of("names", Names::trial)
                  .settings(
                      new Settings()
                          .with(HELD_OUT.require(names -> names <= 50, "must be 1 to 50."), 30)
                          .with(PAIRS, 5000)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 64)
                          .with(SAMPLES, 64)
                          .with(STEPS, 2000)
                          .with(LEARNING_RATE, .003))
                  .quick(
                      full ->
                          full.with(PAIRS, 200)
                              .with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(STEPS, 20))
                  .seeds(10)
                  .tell("names", outcome -> names().size()),
              Axis.of("model", all -> List.of("unigram", "bigram", "n-gram", "rnn_tanh", "gru")),
              new Match("rnn_tanh", "bigram"),
              new Match("gru", "bigram"),
              new Match("rnn_tanh", "n-gram"),
              new Match("gru", "n-gram"))
          .measure(Measure.of("right_initials").unit("fraction of the drawn").bootstrap())
          .table(
              Table.of("Drawn by the first seed at temperature .8")
                  .rows("model")
                  .where("model", "rnn_tanh", "gru")
                  .column("right initials", "right_initials")
                  .column(
                      "the first seed's",
                      row -> String.join(", ", row.outcome().first().texts("samples"))));

  private Names() {}

  private static List<String> names() {
    return List.of(NAMES.split("\\s+")).stream().distinct().toList();
  }

  /** Two names of the list and their initials, such as {@code emma rose er}. */
  private static String pair(List<String> names, SplittableRandom random) {
    String first = names.get(random.nextInt(names.size()));
    String second = names.get(random.nextInt(names.size()));
    return first + " " + second + " " + first.charAt(0) + second.charAt(0);
  }

  /** Whether these are two words and their initials. */
  private static boolean hasInitials(String drawn) {
    String[] words = drawn.split(" ", -1);
    return words.length == 3
        && !words[0].isEmpty()
        && !words[1].isEmpty()
        && words[2].equals("" + words[0].charAt(0) + words[1].charAt(0));
  }

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    List<String> names = new ArrayList<>(names());
    Vocabulary vocabulary = Vocabulary.of(START + END + " " + String.join("", names));
    Collections.shuffle(names, Random.from(trial.random("split")));
    SplittableRandom random = trial.random("pairs");
    int heldOut = trial.get(HELD_OUT);
    int start = vocabulary.encode(START, START)[0];
    NextToken task =
        new NextToken(
            vocabulary.size(),
            start,
            pairs(vocabulary, names.subList(2 * heldOut, names.size()), trial.get(PAIRS), random),
            pairs(vocabulary, names.subList(heldOut, 2 * heldOut), TESTED, random),
            pairs(vocabulary, names.subList(0, heldOut), TESTED, random));
    return switch (trial.text("model")) {
      case "unigram" -> new Measured().put("score", task.counted(1));
      case "bigram" -> new Measured().put("score", task.counted(2));
      case "n-gram" -> new Measured().put("score", task.countedBest(LONGEST_NGRAM));
      default -> {
        Model model = task.train(trial.text("model"), trial);
        SplittableRandom chance = trial.random("samples");
        int end = vocabulary.encode(END, END)[0];
        List<String> drawn = new ArrayList<>();
        for (int i = 0; i < DRAWN; i++) {
          drawn.add(vocabulary.decode(NextToken.draw(model, start, end, 40, .8, chance)));
        }
        yield new Measured()
            .put("score", task.loss(model))
            .put(
                "right_initials",
                drawn.stream().filter(Names::hasInitials).count() / (double) DRAWN)
            .put("samples", drawn.subList(0, SHOWN));
      }
    };
  }

  private static List<int[]> pairs(
      Vocabulary vocabulary, List<String> names, int count, SplittableRandom random) {
    return IntStream.range(0, count)
        .mapToObj(i -> pair(names, random))
        .map(pair -> vocabulary.encode(pair, START + pair + END))
        .toList();
  }
}
