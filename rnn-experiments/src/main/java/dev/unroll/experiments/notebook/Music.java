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

  static final Experiment EXPERIMENT =
      new Contest("held-out loss", "nats per note", false)
          .over(
              Experiment.of("music", Music::trial)
                  .settings(
                      new Settings()
                          .with(MELODIES, 500)
                          .with(HELD_OUT, 200)
                          .with(MOTIF, 4)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 64)
                          .with(EPOCHS, 250)
                          .with(LEARNING_RATE, .01))
                  .quick(
                      full ->
                          full.with(MELODIES, 100)
                              .with(HELD_OUT, 50)
                              .with(MOTIF, 3)
                              .with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(EPOCHS, 20))
                  .tell("notes", outcome -> NOTES.size()),
              Axis.of("model", all -> List.of("unigram", "bigram", "rnn_tanh", "gru")),
              new Match("rnn_tanh", "unigram"),
              new Match("gru", "unigram"),
              new Match("gru", "bigram"))
          .table(
              Table.of("A melody drawn by the first seed at temperature .8")
                  .rows("model")
                  .where("model", "rnn_tanh", "gru")
                  .column("notes", row -> row.outcome().first().text("sample")));

  private Music() {}

  /** Motif, another phrase, the motif again, and a step down to the tonic. */
  private static int[] melody(int motif, SplittableRandom random) {
    int[] theme = phrase(motif, random);
    int[] answer = phrase(motif, random);
    int[] close = {2, 1, 0, END};
    return Stream.of(new int[] {START}, theme, answer, theme, close)
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
    SplittableRandom random = trial.random("melodies");
    int melodies = trial.get(MELODIES);
    List<int[]> all =
        IntStream.range(0, melodies + trial.get(HELD_OUT))
            .mapToObj(i -> melody(trial.get(MOTIF), random))
            .toList();
    NextToken task =
        new NextToken(END + 1, all.subList(0, melodies), all.subList(melodies, all.size()));
    return switch (trial.text("model")) {
      case "unigram" -> new Measured().put("score", task.unigram());
      case "bigram" -> new Measured().put("score", task.bigram());
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
