package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.NextToken;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Exercise 2 of notebook 001: names, character by character, from a start to an end token. */
final class Names {
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

  static final Experiment EXPERIMENT =
      new Contest("held-out loss", "nats per character", false)
          .over(
              Experiment.of("names", Names::trial)
                  .settings(
                      new Settings()
                          .with(HELD_OUT.require(names -> names <= 100, "must be 1 to 100."), 40)
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 32)
                          .with(EPOCHS, 80)
                          .with(LEARNING_RATE, .01)
                          .with(SAMPLES, 20))
                  .quick(
                      full ->
                          full.with(EMBEDDING_SIZE, 8)
                              .with(HIDDEN_SIZE, 16)
                              .with(EPOCHS, 20)
                              .with(SAMPLES, 10))
                  .seeds(10)
                  .tell("names", outcome -> names().size()),
              Axis.of("model", all -> List.of("unigram", "bigram", "rnn_tanh", "gru")),
              new Match("rnn_tanh", "unigram"),
              new Match("gru", "unigram"))
          .table(
              Table.of("Names drawn by the first seed at temperature .8")
                  .rows("model")
                  .where("model", "rnn_tanh", "gru")
                  .column(
                      "not in the list",
                      row ->
                          Numbers.plain(row.outcome().first().number("new"))
                              + " of "
                              + row.outcome().get(SAMPLES))
                  .column(
                      "names", row -> String.join(" ", row.outcome().first().texts("samples"))));

  private Names() {}

  private static List<String> names() {
    return List.of(NAMES.split("\\s+")).stream().distinct().toList();
  }

  private static Measured trial(TrialContext trial) {
    List<String> names = new ArrayList<>(names());
    Vocabulary vocabulary = Vocabulary.of(START + END + String.join("", names));
    Collections.shuffle(names, Random.from(trial.random("split")));
    List<int[]> sequences =
        names.stream().map(name -> vocabulary.encode(name, START + name + END)).toList();
    int heldOut = trial.get(HELD_OUT);
    NextToken task =
        new NextToken(
            vocabulary.size(),
            sequences.subList(heldOut, sequences.size()),
            sequences.subList(0, heldOut));
    return switch (trial.text("model")) {
      case "unigram" -> new Measured().put("score", task.unigram());
      case "bigram" -> new Measured().put("score", task.bigram());
      default -> {
        Model model = task.train(trial.text("model"), trial);
        double score = task.loss(model);
        SplittableRandom random = trial.random("samples");
        List<String> drawn = new ArrayList<>();
        int start = vocabulary.encode(START, START)[0];
        int end = vocabulary.encode(END, END)[0];
        for (int i = 0; i < trial.get(SAMPLES); i++) {
          drawn.add(vocabulary.decode(NextToken.draw(model, start, end, 20, .8, random)));
        }
        yield new Measured()
            .put("score", score)
            .put("new", drawn.stream().filter(name -> !names.contains(name)).count())
            .put("samples", drawn);
      }
    };
  }
}
