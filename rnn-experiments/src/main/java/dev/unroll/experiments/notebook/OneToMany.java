package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.CellNames;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.ModelStream;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** One to many, of notebook 001's section 7: a number is shown once and spelled in letters. */
final class OneToMany {
  private static final String BLIND = "GRU that is not shown it";
  private static final String END = ".";

  /** The two digits, each one of ten, come before the letters in the input. */
  private static final int DIGITS = 20;

  private static final List<String> BELOW_TWENTY =
      List.of(
          "zero",
          "one",
          "two",
          "three",
          "four",
          "five",
          "six",
          "seven",
          "eight",
          "nine",
          "ten",
          "eleven",
          "twelve",
          "thirteen",
          "fourteen",
          "fifteen",
          "sixteen",
          "seventeen",
          "eighteen",
          "nineteen");
  private static final List<String> TENS =
      List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
  private static final Vocabulary LETTERS =
      Vocabulary.of(END + " " + String.join("", BELOW_TWENTY) + String.join("", TENS));
  private static final int LONGEST =
      IntStream.range(0, 100).map(number -> spelled(number).length()).max().orElseThrow() + 1;

  static final Experiment EXPERIMENT =
      new Contest("accuracy", "fraction of numbers", true)
          .over(
              Experiment.of("one-to-many", OneToMany::trial)
                  .settings(
                      new Settings()
                          .with(HELD_OUT.require(held -> held <= 50, "must be 1 to 50."), 24)
                          .with(HIDDEN_SIZE, 64)
                          .with(EPOCHS, 600)
                          .with(LEARNING_RATE, .005))
                  .quick(full -> full.with(HIDDEN_SIZE, 16).with(EPOCHS, 20)),
              Axis.of("model", all -> List.of(BLIND, "rnn_tanh", "gru")).labelled(CellNames::label),
              new Match("rnn_tanh", BLIND),
              new Match("gru", BLIND))
          .measure(Measure.of("accuracy_on_learned").unit("fraction of numbers").bootstrap())
          .table(
              Table.of("Numbers that were held out, as the first seed spells them")
                  .rows("model")
                  .column("right of those learned from", "accuracy_on_learned")
                  .column(
                      "spelled", row -> String.join(", ", row.outcome().first().texts("spelled"))));

  private OneToMany() {}

  /** A number below 100, in letters. */
  static String spelled(int number) {
    if (number < 20) {
      return BELOW_TWENTY.get(number);
    }
    String tens = TENS.get(number / 10 - 2);
    return number % 10 == 0 ? tens : tens + " " + BELOW_TWENTY.get(number % 10);
  }

  private static Measured trial(TrialContext trial) {
    trial.progress(0);
    // Two words each, whose words occur in numbers that are not held out.
    List<Integer> twoWords =
        new ArrayList<>(
            IntStream.range(20, 100).filter(number -> number % 10 > 0).boxed().toList());
    Collections.shuffle(twoWords, Random.from(trial.random("split")));
    List<Integer> heldOut = twoWords.subList(0, trial.get(HELD_OUT));
    List<Integer> training =
        IntStream.range(0, 100).filter(number -> !heldOut.contains(number)).boxed().toList();
    boolean shown = !trial.text("model").equals(BLIND);
    RecurrentConfig recurrent =
        RecurrentConfig.of(
            Cells.named(shown ? trial.text("model") : "gru"),
            DIGITS + LETTERS.size(),
            trial.get(HIDDEN_SIZE));
    Model model = new Model(Model.Config.of(recurrent, LETTERS.size()), trial.random("weights"));
    train(model, training, shown, trial);
    return new Measured()
        .put("score", right(model, heldOut, shown))
        .put("accuracy_on_learned", right(model, training, shown))
        .put(
            "spelled",
            heldOut.stream()
                .limit(8)
                .map(number -> number + " " + spell(model, number, shown))
                .toList());
  }

  private static double right(Model model, List<Integer> numbers, boolean shown) {
    long right =
        numbers.stream()
            .filter(number -> spell(model, number, shown).equals(spelled(number)))
            .count();
    return (double) right / numbers.size();
  }

  /** Each letter is predicted from the right letters before it. */
  private static void train(Model model, List<Integer> numbers, boolean shown, TrialContext trial) {
    int batch = numbers.size();
    int width = DIGITS + LETTERS.size();
    float[] features = new float[LONGEST * batch * width];
    int[] targets = new int[LONGEST * batch];
    int[] lengths = new int[batch];
    Arrays.fill(targets, SoftmaxCrossEntropy.MASKED);
    for (int b = 0; b < batch; b++) {
      int number = numbers.get(b);
      int[] letters = LETTERS.encode("the numbers", spelled(number) + END);
      lengths[b] = letters.length;
      for (int t = 0; t < letters.length; t++) {
        float[] input = t == 0 ? shown(number, shown) : letter(letters[t - 1]);
        System.arraycopy(input, 0, features, (t * batch + b) * width, width);
        targets[t * batch + b] = letters[t];
      }
    }
    Session session = model.session(LONGEST, batch, Readout.EVERY_STEP, true);
    Training training = new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), 5);
    int epochs = trial.get(EPOCHS);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      training.step(
          () -> {
            session.forward(features, null, lengths, null);
            return session.crossEntropy(targets);
          },
          session::backward);
      trial.progress((double) epoch / epochs);
    }
  }

  private static float[] shown(int number, boolean shown) {
    float[] input = new float[DIGITS + LETTERS.size()];
    if (shown) {
      input[number / 10] = 1;
      input[DIGITS / 2 + number % 10] = 1;
    }
    return input;
  }

  private static float[] letter(int letter) {
    float[] input = new float[DIGITS + LETTERS.size()];
    input[DIGITS + letter] = 1;
    return input;
  }

  /** The likeliest letter at each step, which is the next step's input. */
  private static String spell(Model model, int number, boolean shown) {
    ModelStream stream = model.stream(1);
    float[] input = shown(number, shown);
    StringBuilder spelled = new StringBuilder();
    while (spelled.length() < LONGEST) {
      int likeliest = likeliest(stream.step(input));
      String letter = LETTERS.decode(likeliest);
      if (letter.equals(END)) {
        break;
      }
      spelled.append(letter);
      input = letter(likeliest);
    }
    return spelled.toString();
  }

  private static int likeliest(float[] logits) {
    int likeliest = 0;
    for (int i = 1; i < logits.length; i++) {
      likeliest = logits[i] > logits[likeliest] ? i : likeliest;
    }
    return likeliest;
  }
}
