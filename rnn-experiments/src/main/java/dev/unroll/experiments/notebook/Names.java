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
import dev.unroll.experiments.task.InventedNames;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.CellNames;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Exercise 2 of notebook 001: names, character by character, from a start to an end token. Listed
 * ones are few and tell little beyond which letters follow each other; those of an invented people
 * ({@link InventedNames}) have laws that only a memory can know.
 */
final class Names {
  private static final String START = "^";
  private static final String END = "$";

  private static final String LISTED = "listed";

  /** Names that each network draws, and those of them that are shown. */
  private static final int DRAWN = 200;

  private static final int SHOWN = 20;

  /** The longest n-grams that are counted. */
  private static final int LONGEST_NGRAM = 8;

  private static final Setting<String> WHICH =
      Setting.text("names")
          .require(List.of(LISTED, "invented")::contains, "must be listed or invented.");

  /** Invented names to learn from. */
  private static final Setting<Integer> COUNT = Setting.count("count", 1, MOST_DRAWN);

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
                          .with(WHICH, "invented")
                          .with(COUNT, 20_000)
                          .with(HELD_OUT.require(names -> names <= 50, "must be 1 to 50."), 40)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 64)
                          .with(SAMPLES, 64)
                          .with(STEPS, 4000)
                          .with(LEARNING_RATE, .003))
                  .quick(
                      full ->
                          full.with(COUNT, 500)
                              .with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(STEPS, 20))
                  .tell("listed", outcome -> names().size()),
              Axis.of("model", all -> List.of("unigram", "bigram", "n-gram", "rnn_tanh", "gru"))
                  .labelled(CellNames::label),
              new Match("rnn_tanh", "bigram"),
              new Match("gru", "bigram"),
              new Match("rnn_tanh", "n-gram"),
              new Match("gru", "n-gram"))
          .measure(Measure.of("lawful").unit("fraction of the drawn").range(0, 1))
          .measure(Measure.of("new").unit("fraction of the drawn").range(0, 1))
          .table(
              Table.of("Drawn by the first seed at temperature .8")
                  .rows("model")
                  .where("model", "rnn_tanh", "gru")
                  .column(
                      "keep the laws",
                      row ->
                          row.outcome().get(WHICH).equals(LISTED)
                              ? "none known"
                              : row.grid("lawful").figures().getFirst().text(2))
                  .column("not in the list", "new")
                  .column(
                      "the first seed's",
                      row -> String.join(" ", row.outcome().first().texts("samples"))));

  private Names() {}

  private static List<String> names() {
    return List.of(NAMES.split("\\s+")).stream().distinct().toList();
  }

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    SplittableRandom random = trial.random("names");
    boolean listed = trial.get(WHICH).equals(LISTED);
    int heldOut = trial.get(HELD_OUT);
    List<String> names = new ArrayList<>(names());
    if (!listed) {
      // As many to choose by and to test on as suffice for a mean.
      heldOut = 500;
      names =
          Stream.generate(() -> InventedNames.draw(random))
              .limit(trial.get(COUNT) + 2L * heldOut)
              .toList();
    } else {
      Collections.shuffle(names, Random.from(random));
    }
    Vocabulary vocabulary = Vocabulary.of(START + END + String.join("", names));
    List<int[]> sequences =
        names.stream().map(name -> vocabulary.encode(name, START + name + END)).toList();
    int start = vocabulary.encode(START, START)[0];
    NextToken task =
        new NextToken(
            vocabulary.size(),
            start,
            sequences.subList(2 * heldOut, names.size()),
            sequences.subList(heldOut, 2 * heldOut),
            sequences.subList(0, heldOut));
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
          drawn.add(vocabulary.decode(NextToken.draw(model, start, end, 20, .8, chance)));
        }
        Measured measured =
            new Measured()
                .put("score", task.loss(model))
                .put("new", part(drawn, name -> !names().contains(name)))
                .put("samples", drawn.subList(0, SHOWN));
        yield listed ? measured : measured.put("lawful", part(drawn, InventedNames::isLawful));
      }
    };
  }

  private static double part(List<String> drawn, Predicate<String> some) {
    return drawn.stream().filter(some).count() / (double) drawn.size();
  }
}
