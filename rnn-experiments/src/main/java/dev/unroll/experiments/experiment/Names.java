package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import tools.jackson.databind.node.ObjectNode;

/** Exercise 2 of seed 001: names, character by character, from a start to an end token. */
final class Names extends Contest<Names.Config> {
  private static final String UNIGRAM = "unigram";
  private static final String START = "^";
  private static final String END = "$";

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

  /**
   * The settings.
   *
   * @param heldOut names that are not trained on
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param epochs training steps, each on all names
   * @param learningRate Adam's
   * @param samples names drawn
   */
  record Config(
      int heldOut,
      int embeddingSize,
      int hiddenSize,
      int epochs,
      double learningRate,
      int samples) {
    Config {
      Configs.require(heldOut >= 1 && heldOut <= 100, "held_out must be 1 to 100.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(epochs >= 1, "epochs must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
      Configs.require(samples >= 1, "samples must be at least 1.");
    }
  }

  Names() {
    super(
        "names",
        "can a character model invent names?",
        10,
        new Config(40, 16, 32, 80, .01, 20),
        new Config(40, 8, 16, 20, .01, 10),
        "held-out loss",
        "nats per character",
        false);
  }

  private static List<String> names() {
    return List.of(NAMES.split("\\s+")).stream().distinct().toList();
  }

  @Override
  List<String> models(Config config) {
    return List.of(UNIGRAM, "bigram", "rnn_tanh", "gru");
  }

  @Override
  List<Match> matches(Config config) {
    return List.of(new Match("rnn_tanh", UNIGRAM), new Match("gru", UNIGRAM));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    List<String> names = new ArrayList<>(names());
    Vocabulary vocabulary = Vocabulary.of(START + END + String.join("", names));
    Collections.shuffle(names, Random.from(context.random("split")));
    List<int[]> sequences =
        names.stream().map(name -> vocabulary.encode(name, START + name + END)).toList();
    NextToken task =
        new NextToken(
            vocabulary.size(),
            sequences.subList(config.heldOut(), sequences.size()),
            sequences.subList(0, config.heldOut()));
    ObjectNode figures = figures();
    switch (trial.text("model")) {
      case UNIGRAM -> figures.put("score", task.unigram());
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
        SplittableRandom random = context.random("samples");
        List<String> drawn = new ArrayList<>();
        int start = vocabulary.encode(START, START)[0];
        int end = vocabulary.encode(END, END)[0];
        for (int i = 0; i < config.samples(); i++) {
          drawn.add(vocabulary.decode(NextToken.draw(model, start, end, 20, .8, random)));
        }
        figures.put("new", drawn.stream().filter(name -> !names.contains(name)).count());
        figures.set("samples", Json.COMPACT.valueToTree(drawn));
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
        rows.add(
            List.of(
                model,
                Numbers.plain(some.first().number("new")) + " of " + outcome.config().samples(),
                String.join(" ", some.first().texts("samples"))));
      }
    }
    return List.of(
        new Result.Table(
            "Names drawn by the first seed at temperature .8",
            List.of("model", "not in the list", "names"),
            rows));
  }

  @Override
  Result.Story story(Outcome<Config> outcome, Map<String, Figure> scores) {
    return new Result.Story(
        "Can a character model invent names?",
        Numbers.format(
            "%d first names, the notebook's twenty among them, %d held out (others for each seed);"
                + " a start and an end token; hidden %d, %d Adam steps on all names at once, padded"
                + " steps masked.",
            names().size(),
            outcome.config().heldOut(),
            outcome.config().hiddenSize(),
            outcome.config().epochs()),
        "Exercise 2 of seed 001 gives twenty names and asks to train on them and to sample from ^"
            + " until $.",
        "Held-out nats a character: "
            + String.join(
                ", ",
                scores.entrySet().stream()
                    .map(one -> Numbers.format("%s %.2f", one.getKey(), one.getValue().mean()))
                    .toList())
            + ".",
        "A recurrent model learns which letters follow each other and where names end, well beyond"
            + " how frequent each letter is. With so few names, more training would only learn"
            + " them by heart, which the held-out loss shows at once.");
  }
}
