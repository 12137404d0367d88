package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Exercise 3 of seed 001: note sequences, as tokens, with a motif that comes back. */
final class Music extends Contest<Music.Config> {
  private static final List<String> NOTES =
      List.of("C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5", "D5", "E5");
  private static final int START = NOTES.size();
  private static final int END = START + 1;

  /**
   * The settings.
   *
   * @param melodies melodies to train on
   * @param heldOut melodies to test on
   * @param motif notes of the motif; a melody has it, an answer, it again, and a close
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param epochs training steps, each on all melodies
   * @param learningRate Adam's
   */
  record Config(
      int melodies,
      int heldOut,
      int motif,
      int embeddingSize,
      int hiddenSize,
      int epochs,
      double learningRate) {
    Config {
      Configs.require(melodies >= 1, "melodies must be at least 1.");
      Configs.require(heldOut >= 1, "held_out must be at least 1.");
      Configs.require(motif >= 2 && motif <= 16, "motif must be 2 to 16.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(epochs >= 1, "epochs must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
    }
  }

  Music() {
    super(
        "music",
        "does a recurrent model hear that a motif comes back?",
        5,
        new Config(500, 200, 4, 16, 64, 250, .01),
        new Config(100, 50, 3, 8, 16, 20, .01),
        "held-out loss",
        "nats per note",
        false);
  }

  @Override
  List<String> models(Config config) {
    return List.of("unigram", "bigram", "rnn_tanh", "gru");
  }

  @Override
  List<Match> matches(Config config) {
    return List.of(
        new Match("rnn_tanh", "unigram"), new Match("gru", "unigram"), new Match("gru", "bigram"));
  }

  /** Motif, another phrase, the motif again, and a step down to the tonic. */
  private static int[] melody(int motif, SplittableRandom random) {
    int[] theme = phrase(motif, random);
    int[] answer = phrase(motif, random);
    return IntStream.of(START)
        .boxed()
        .collect(
            Collectors.collectingAndThen(
                Collectors.toCollection(ArrayList::new),
                notes -> {
                  Arrays.stream(theme).forEach(notes::add);
                  Arrays.stream(answer).forEach(notes::add);
                  Arrays.stream(theme).forEach(notes::add);
                  notes.addAll(List.of(2, 1, 0, END));
                  return notes.stream().mapToInt(Integer::intValue).toArray();
                }));
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

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    SplittableRandom random = context.random("melodies");
    List<int[]> melodies =
        IntStream.range(0, config.melodies() + config.heldOut())
            .mapToObj(i -> melody(config.motif(), random))
            .toList();
    NextToken task =
        new NextToken(
            END + 1,
            melodies.subList(0, config.melodies()),
            melodies.subList(config.melodies(), melodies.size()));
    ObjectNode figures = figures();
    switch (trial.text("model")) {
      case "unigram" -> figures.put("score", task.unigram());
      case "bigram" -> figures.put("score", task.bigram());
      default -> {
        Model model =
            task.train(
                trial.text("model"),
                config.embeddingSize(),
                config.hiddenSize(),
                config.epochs(),
                config.learningRate(),
                context);
        figures.put("score", task.loss(model));
        int[] drawn = NextToken.draw(model, START, END, 64, .8, context.random("samples"));
        figures.put(
            "sample",
            Arrays.stream(drawn)
                .mapToObj(note -> note < NOTES.size() ? NOTES.get(note) : "?")
                .collect(Collectors.joining(" ")));
      }
    }
    return figures;
  }

  @Override
  List<Result.Table> tables(Outcome<Config> outcome) {
    List<List<String>> rows = new ArrayList<>();
    for (String model : List.of("rnn_tanh", "gru")) {
      Outcome<Config> some = outcome.where("model", model);
      if (!some.isEmpty()) {
        rows.add(List.of(model, some.first().text("sample")));
      }
    }
    return List.of(
        new Result.Table(
            "A melody drawn by the first seed at temperature .8", List.of("model", "notes"), rows));
  }

  @Override
  Result.Story story(Outcome<Config> outcome, Map<String, Figure> scores) {
    return new Result.Story(
        "Does a recurrent model hear that a motif comes back?",
        Numbers.format(
            "%d generated melodies of ten notes' range: a motif of %d notes, an answer, the motif"
                + " again, a close; %d others to test on. Hidden %d, %d Adam steps on all at once.",
            outcome.config().melodies(),
            outcome.config().motif(),
            outcome.config().heldOut(),
            outcome.config().hiddenSize(),
            outcome.config().epochs()),
        "Exercise 3 of seed 001 asks for simple musical sequences with notes as tokens.",
        "Held-out nats a note: "
            + String.join(
                ", ",
                scores.entrySet().stream()
                    .map(one -> Numbers.format("%s %.2f", one.getKey(), one.getValue().mean()))
                    .toList())
            + ".",
        "Counting pairs of notes finds the small steps and the close. What pairs cannot know is"
            + " where in the melody one is and which motif it was: a model with a state knows the"
            + " place, and as far as its memory reaches it can repeat the motif.");
  }
}
