package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.report.chart.CellNames;
import dev.unroll.train.Model;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Exercise 3 of notebook 001: note sequences, as tokens, with a motif that comes back. */
final class Music {
  private static final List<String> NOTES =
      List.of("C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5", "D5", "E5");
  private static final int START = NOTES.size();
  private static final int END = START + 1;
  private static final Setting<Integer> MELODIES = Setting.count("melodies", 1, MOST_DRAWN);
  private static final Setting<Integer> MOTIF = Setting.count("motif", 2, 16);

  /** The longest n-grams that are counted. */
  private static final int LONGEST_NGRAM = 4;

  static final Experiment EXPERIMENT =
      new Contest("held-out loss", "nats per note", false)
          .over(
              Experiment.of("music", Music::trial)
                  .settings(
                      new Settings()
                          .with(MELODIES, 20_000)
                          .with(HELD_OUT, 500)
                          .with(MOTIF, 3)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 64)
                          .with(SAMPLES, 64)
                          .with(STEPS, 4000)
                          .with(LEARNING_RATE, .005))
                  .quick(
                      full ->
                          full.with(MELODIES, 500)
                              .with(HELD_OUT, 50)
                              .with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(STEPS, 20))
                  .tell("notes", outcome -> NOTES.size()),
              Axis.of(
                      "model",
                      all -> List.of("unigram", "n-gram", "place and note", "rnn_tanh", "gru"))
                  .labelled(CellNames::label),
              new Match("rnn_tanh", "n-gram"),
              new Match("gru", "n-gram"),
              new Match("rnn_tanh", "place and note"),
              new Match("gru", "place and note"))
          .table(
              Table.of("A melody drawn by the first seed at temperature .8")
                  .rows("model")
                  .where("model", "rnn_tanh", "gru")
                  .column("notes", row -> row.outcome().first().text("sample")));

  private Music() {}

  /** Motif, a phrase, the motif, another phrase, the motif, and a step down to the tonic. */
  private static int[] melody(int motif, SplittableRandom random) {
    int[] theme = phrase(motif, random);
    int[] close = {2, 1, 0, END};
    return Stream.of(
            new int[] {START},
            theme,
            phrase(motif, random),
            theme,
            phrase(motif, random),
            theme,
            close)
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  /** A walk by steps and small leaps. */
  private static int[] phrase(int length, SplittableRandom random) {
    int[] phrase = new int[length];
    int note = random.nextInt(NOTES.size());
    for (int i = 0; i < length; i++) {
      phrase[i] = note;
      note = Math.clamp(note + (long) random.nextInt(-2, 3), 0, NOTES.size() - 1);
    }
    return phrase;
  }

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    SplittableRandom random = trial.random("melodies");
    int melodies = trial.get(MELODIES);
    int heldOut = trial.get(HELD_OUT);
    List<int[]> all =
        IntStream.range(0, melodies + 2 * heldOut)
            .mapToObj(i -> melody(trial.get(MOTIF), random))
            .toList();
    NextToken task =
        new NextToken(
            END + 1,
            START,
            all.subList(0, melodies),
            all.subList(melodies, melodies + heldOut),
            all.subList(melodies + heldOut, all.size()));
    return switch (trial.text("model")) {
      case "unigram" -> new Measured().put("score", task.counted(1));
      case "n-gram" -> new Measured().put("score", task.countedBest(LONGEST_NGRAM));
      case "place and note" -> new Measured().put("score", task.placed());
      default -> {
        Model model = task.train(trial.text("model"), trial);
        int[] drawn = NextToken.draw(model, START, END, 64, .8, trial.random("samples"));
        yield new Measured()
            .put("score", task.loss(model))
            .put(
                "sample",
                Arrays.stream(drawn)
                    .mapToObj(note -> note < NOTES.size() ? NOTES.get(note) : "?")
                    .collect(Collectors.joining(" ")));
      }
    };
  }
}
