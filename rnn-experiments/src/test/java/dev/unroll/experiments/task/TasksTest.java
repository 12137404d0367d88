package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.report.run.InputException;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TasksTest {
  private static final int BATCH = 400;

  @Test
  void addingMarksOneStepOfEitherHalfAndAsksForTheSum() {
    for (int steps : new int[] {2, 3, 8, 9}) {
      AddingTask task = new AddingTask(steps, BATCH, new SplittableRandom(1));
      task.next();
      for (int b = 0; b < BATCH; b++) {
        float sum = 0;
        int first = 0;
        int second = 0;
        for (int t = 0; t < steps; t++) {
          float number = task.features()[(t * BATCH + b) * 2];
          float mark = task.features()[(t * BATCH + b) * 2 + 1];
          assertThat(number).isBetween(0f, 1f);
          sum += mark * number;
          first += t < steps / 2 ? (int) mark : 0;
          second += t < steps / 2 ? 0 : (int) mark;
        }
        assertThat(first).isEqualTo(1);
        assertThat(second).isEqualTo(1);
        assertThat(task.targets()[b]).isEqualTo(sum);
      }
    }
    assertThatThrownBy(() -> new AddingTask(1, 1, new SplittableRandom(1)))
        .hasMessageContaining("two marks");
  }

  @Test
  void alwaysAnsweringOneScoresNothingAtAdding() {
    AddingTask task = new AddingTask(4, 20_000, new SplittableRandom(2));
    // All parameters are zero but the bias of the readout, which is the answer.
    Model model = new Model(Model.Config.of(RecurrentConfig.of(Cells.named("rnn_tanh"), 2, 3), 1));
    model.parameters().values()[model.parameters().slice("fc.bias").offset()] = 1f;
    model.parameters().changed();
    Session session = model.session(4, 20_000, task.readout(), false);
    task.next();
    task.forward(session);
    assertThat(task.loss(session)).isCloseTo(AddingTask.BASELINE, within(.004));
    assertThat(task.score(session)).isCloseTo(0, within(.03));
  }

  @Test
  void copyingPutsTheSymbolsFirstAndAsksForThemLast() {
    int delay = 3;
    CopyMemoryTask task = new CopyMemoryTask(delay, 1, new SplittableRandom(3));
    task.next();
    int[] tokens = task.tokens();
    int[] targets = task.targets();
    assertThat(tokens).hasSize(delay + 20);
    int[] symbols = Arrays.copyOf(tokens, 10);
    assertThat(Arrays.stream(symbols)).allMatch(symbol -> symbol >= 0 && symbol < 8);
    assertThat(Arrays.copyOfRange(tokens, 10, 23))
        .containsExactly(8, 8, 9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8);
    assertThat(Arrays.copyOf(targets, 13)).containsOnly(8);
    assertThat(Arrays.copyOfRange(targets, 13, 23)).containsExactly(symbols);
  }

  @Test
  void knowingOnlyWhereTheSymbolsGoScoresTheBaselineAtCopying() {
    CopyMemoryTask task = new CopyMemoryTask(30, 50, new SplittableRandom(4));
    Model model =
        new Model(
            Model.Config.of(RecurrentConfig.of(Cells.named("rnn_tanh"), 1, 1), 10)
                .withEmbedding(10),
            new SplittableRandom(1));
    Session session = model.session(task.steps(), 50, task.readout(), false);
    task.next();
    task.forward(session);
    // The best answer without memory: blank for sure, then all eight symbols alike.
    for (int row = 0; row < task.steps() * 50; row++) {
      for (int c = 0; c < 10; c++) {
        boolean recall = row >= 40 * 50;
        session.logits()[row * 10 + c] = (recall ? c < 8 : c == 8) ? 0f : -100f;
      }
    }
    assertThat(task.loss(session)).isCloseTo(CopyMemoryTask.baseline(30), within(1e-5));
    assertThat(task.score(session)).isCloseTo(1 / 8.0, within(.05));
  }

  @Test
  void eachAnswerHasAScoreOfItsOwn() {
    ParityTask task = new ParityTask(5, 40, new SplittableRandom(5));
    // All parameters are zero: every answer is the first class.
    Model model =
        new Model(
            Model.Config.of(RecurrentConfig.of(Cells.named("rnn_tanh"), 1, 1), 2).withEmbedding(2));
    Session session = model.session(5, 40, task.readout(), false);
    task.next();
    task.forward(session);
    double[] even =
        IntStream.range(0, 5)
            .mapToDouble(
                t ->
                    IntStream.range(0, 40).filter(b -> task.targets()[t * 40 + b] == 0).count()
                        / 40.0)
            .toArray();
    assertThat(task.scores(session)).containsExactly(even);
    assertThat(task.score(session)).isEqualTo(even[4]);
  }

  @Test
  void parityCountsTheOnesSoFar() {
    ParityTask task = new ParityTask(17, 5, new SplittableRandom(5));
    task.next();
    for (int b = 0; b < 5; b++) {
      int ones = 0;
      for (int t = 0; t < 17; t++) {
        ones += task.tokens()[t * 5 + b];
        assertThat(task.targets()[t * 5 + b]).isEqualTo(ones % 2);
      }
    }
  }

  /** Each token moves things, and the answer tells where all tokens together moved them. */
  @ParameterizedTest
  @CsvSource({"Z2, 2, 2", "Z3, 3, 3", "S3, 3, 6", "A5, 5, 60", "S5, 5, 120"})
  void permutationsComposeInTheOrderOfTheSteps(PermutationGroup group, int things, int size) {
    assertThat(group.size()).isEqualTo(size);
    PermutationTask task = new PermutationTask(group, 30, 40, new SplittableRandom(6));
    task.next();
    for (int b = 0; b < 40; b++) {
      int[] at = IntStream.range(0, things).toArray();
      for (int t = 0; t < 30; t++) {
        int[] move = group.element(task.tokens()[t * 40 + b]);
        at = Arrays.stream(at).map(place -> move[place]).toArray();
        assertThat(group.element(task.targets()[t * 40 + b])).isEqualTo(at);
      }
    }
    assertThat(Arrays.stream(task.tokens()).distinct()).hasSize(size);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PermutationGroup.named("s4"))
        .withMessage("'s4' is no group: use z2, z3, s3, a5, s5.");
  }

  @Test
  void controlsAskForThePresentToken() {
    EchoTask echo = new EchoTask(5, 7, 10, Readout.EVERY_STEP, new SplittableRandom(7));
    EchoTask last = new EchoTask(5, 7, 10, Readout.LAST_STEP, new SplittableRandom(7));
    echo.next();
    last.next();
    assertThat(echo.targets()).isEqualTo(echo.tokens());
    assertThat(last.tokens()).isEqualTo(echo.tokens());
    assertThat(last.targets()).isEqualTo(Arrays.copyOfRange(echo.tokens(), 28, 35));
  }

  @Test
  void problemsSayWhatTheyAre() {
    Problem problem = Problem.of("s3:16");
    assertThat(problem).isEqualTo(new Problem("s3", 16));
    assertThat(problem.isTracking()).isTrue();
    assertThat(problem.task(64, 2, new SplittableRandom(1)).steps()).isEqualTo(64);
    for (String wrong : new String[] {"s3", "s4:16", "parity:0", "adding:1", "echo:x"}) {
      assertThatThrownBy(() -> Problem.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + wrong + "'");
    }
  }

  @Test
  void parityAtTheEndIsThatOfEachSequencesOwnLength() {
    ParityAtEndTask task = new ParityAtEndTask(3, 6, BATCH, new SplittableRandom(6));
    task.next();
    boolean[] seen = new boolean[7];
    for (int b = 0; b < BATCH; b++) {
      int ones = 0;
      for (int t = 0; t < task.lengths()[b]; t++) {
        ones += task.tokens()[t * BATCH + b];
      }
      assertThat(task.targets()[b]).isEqualTo(ones % 2);
      seen[task.lengths()[b]] = true;
    }
    assertThat(seen).containsExactly(false, false, false, true, true, true, true);
  }

  @Test
  void selectiveCopyingAsksForTheDataInTheirOrder() {
    int length = 7;
    SelectiveCopyTask task = new SelectiveCopyTask(length, 3, BATCH, 6, new SplittableRandom(7));
    int[] dataAt = new int[length];
    task.next();
    for (int b = 0; b < BATCH; b++) {
      int found = 0;
      for (int t = 0; t < length; t++) {
        int token = task.tokens()[t * BATCH + b];
        assertThat(task.targets()[t * BATCH + b]).isEqualTo(-1);
        if (token != 4) { // the noise
          assertThat(token).isBetween(0, 3);
          assertThat(task.targets()[(length + found++) * BATCH + b]).isEqualTo(token);
          dataAt[t]++;
        }
      }
      assertThat(found).isEqualTo(3);
      assertThat(task.tokens()[length * BATCH + b]).isEqualTo(5);
    }
    // Every step is as likely as any other: 3/7 of 400, within 4 deviations.
    for (int count : dataAt) {
      assertThat(count).isBetween(131, 211);
    }
    assertThatThrownBy(() -> new SelectiveCopyTask(2, 3, 1, 6, new SplittableRandom(1)))
        .hasMessageContaining("3 tokens out of 2 steps");
  }

  @Test
  void valuesAreAskedForByTheirKeys() {
    KeyValueTask task = new KeyValueTask(13, 3, 5, BATCH, new SplittableRandom(8));
    int[] asked = new int[3];
    boolean[] come = new boolean[10];
    for (int again = 0; again < 2; again++) {
      task.next();
      for (int b = 0; b < BATCH; b++) {
        List<Integer> keys = new ArrayList<>();
        List<Integer> values = new ArrayList<>();
        for (int t = 0; t < 6; t += 2) {
          keys.add(task.tokens()[t * BATCH + b]);
          values.add(task.tokens()[(t + 1) * BATCH + b]);
        }
        assertThat(keys).doesNotHaveDuplicates().allMatch(key -> key >= 0 && key < 5);
        assertThat(values).doesNotHaveDuplicates().allMatch(value -> value >= 5 && value < 10);
        keys.forEach(key -> come[key] = true);
        values.forEach(value -> come[value] = true);
        for (int t = 0; t < 13; t++) {
          int token = task.tokens()[t * BATCH + b];
          int target = task.targets()[t * BATCH + b];
          if (t >= 6 && t % 2 == 0) {
            int pair = keys.indexOf(token);
            assertThat(target).isEqualTo(values.get(pair));
            asked[pair]++;
          } else {
            assertThat(target).isEqualTo(SoftmaxCrossEntropy.MASKED);
            assertThat(t < 6 || token == 10).isTrue();
          }
        }
      }
    }
    assertThat(come).doesNotContain(false);
    // A third of 3200 each, within 4 deviations.
    for (int count : asked) {
      assertThat(count).isBetween(960, 1174);
    }
    for (int[] wrong : new int[][] {{6, 3, 5}, {13, 3, 2}, {13, 0, 5}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> new KeyValueTask(wrong[0], wrong[1], wrong[2], 1, new SplittableRandom(1)))
          .withMessageContaining(wrong[1] + " pairs in " + wrong[0] + " steps");
    }
  }

  /** Each answer from the whole string before it, in another way than the task's. */
  @ParameterizedTest
  @CsvSource({"PARITY", "EVEN_PAIRS", "CYCLE_NAVIGATION", "BRACKET_DEPTH"})
  void languagesAreAnsweredAfterEachStep(FormalLanguage language) {
    int longest = 30;
    FormalLanguageTask task =
        new FormalLanguageTask(language, 4, longest, BATCH, new SplittableRandom(9));
    task.next();
    Set<Integer> answers = new TreeSet<>();
    boolean tooDeep = false;
    for (int b = 0; b < BATCH; b++) {
      int column = b;
      int[] string =
          IntStream.range(0, longest).map(t -> task.tokens()[t * BATCH + column]).toArray();
      assertThat(Arrays.stream(string)).allMatch(token -> token >= 0 && token < language.tokens());
      for (int length = 1; length <= longest; length++) {
        int ones = Arrays.stream(string, 0, length).sum();
        int expected =
            switch (language) {
              case PARITY -> ones % 2;
              case EVEN_PAIRS ->
                  (int)
                      (IntStream.range(1, length).filter(t -> string[t] != string[t - 1]).count()
                          % 2);
              case CYCLE_NAVIGATION -> Math.floorMod(ones - length, 5);
              default -> length - 2 * ones;
            };
        assertThat(expected).isNotNegative();
        boolean deep = language == FormalLanguage.BRACKET_DEPTH && expected >= 8;
        tooDeep |= deep;
        int answer = task.targets()[(length - 1) * BATCH + b];
        assertThat(answer).isEqualTo(length < 4 || deep ? SoftmaxCrossEntropy.MASKED : expected);
        answers.add(answer);
      }
    }
    answers.remove(SoftmaxCrossEntropy.MASKED);
    assertThat(answers).hasSize(language.answers());
    assertThat(tooDeep).isEqualTo(language == FormalLanguage.BRACKET_DEPTH);
  }

  @Test
  void sortingTellsTheLettersInOrderAfterTheString() {
    FormalLanguageTask task =
        new FormalLanguageTask(FormalLanguage.BUCKET_SORT, 3, 6, BATCH, new SplittableRandom(10));
    assertThat(task.steps()).isEqualTo(12);
    task.next();
    int[] lengths = new int[7];
    int[] firsts = new int[5];
    for (int b = 0; b < BATCH; b++) {
      int column = b;
      int[] string = IntStream.range(0, 12).map(t -> task.tokens()[t * BATCH + column]).toArray();
      int[] asked = IntStream.range(0, 12).map(t -> task.targets()[t * BATCH + column]).toArray();
      int length = (int) Arrays.stream(string).takeWhile(token -> token < 5).count();
      lengths[length]++;
      firsts[string[0]]++;
      assertThat(Arrays.copyOfRange(string, length, 12)).containsOnly(5);
      int[] sorted = Arrays.stream(string, 0, length).sorted().toArray();
      assertThat(Arrays.copyOfRange(asked, length, 2 * length)).isEqualTo(sorted);
      assertThat(Arrays.stream(asked).filter(one -> one == SoftmaxCrossEntropy.MASKED))
          .hasSize(12 - length);
    }
    // A quarter of 400 each and a fifth of 400 each, within 4 deviations.
    for (int length = 3; length <= 6; length++) {
      assertThat(lengths[length]).isBetween(65, 135);
    }
    for (int first : firsts) {
      assertThat(first).isBetween(48, 112);
    }
  }

  @Test
  void languagesHaveNames() {
    assertThat(FormalLanguage.names())
        .containsExactly("parity", "even-pairs", "cycle-navigation", "bracket-depth", "bucket-sort")
        .allSatisfy(name -> assertThat(FormalLanguage.named(name)).isNotNull());
  }

  @Test
  void variantsSayWhatTheySet() {
    assertThat(Variant.of("lstm:forget-1").label()).isEqualTo("LSTM, forget bias 1");
    assertThat(Variant.of("rnn_tanh:orthogonal-1.2").label())
        .isEqualTo("tanh RNN, orthogonal × 1.2");
    assertThat(Variant.of("gru:chrono").label()).isEqualTo("GRU, chrono");
    for (String wrong : new String[] {"lstm", "gru:forget-1", "rnn_tanh:chrono", "lstm:chronos"}) {
      assertThatThrownBy(() -> Variant.of(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + wrong + "'");
    }
    assertThatThrownBy(() -> Variant.of("lstn:default")).hasMessageContaining("lstn");
  }

  @Test
  void anOrthogonalVariantKeepsEveryLengthTimesItsGain() {
    Model model =
        Variant.of("rnn_tanh:orthogonal-1.5")
            .model(OptionalInt.of(3), 2, 7, 1, 3, 10, SplittableRandomOf::purpose);
    float[] values = model.parameters().values();
    int offset = model.parameters().slice("rnn.weight_hh_l0").offset();
    for (int r = 0; r < 7; r++) {
      double square = 0;
      for (int c = 0; c < 7; c++) {
        square += values[offset + r * 7 + c] * (double) values[offset + r * 7 + c];
      }
      assertThat(square).isCloseTo(2.25, within(1e-5));
    }
  }

  /** One stream for each purpose, as a trial has them. */
  private static final class SplittableRandomOf {
    static SplittableRandom purpose(String purpose) {
      return new SplittableRandom(purpose.hashCode());
    }
  }

  @Test
  void streamsOfMoreThanAnIntAreRefusedByTheirTrueLength() {
    assertThatThrownBy(() -> new Streams("text", new int[10], 65_536, 32_768))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("need at least 2147483649");
  }

  /** Against what guessing reaches in 4,000 trainings of 30 windows. */
  @Test
  void theBestWindowOfGuessingIsAboveGuessing() {
    Settings all = Learning.solver(new Settings(), 60, 50, .01, 5, 2, 1);
    SplittableRandom random = new SplittableRandom(3);
    double[] best = new double[4000];
    for (int i = 0; i < best.length; i++) {
      for (int window = 0; window < 30; window++) {
        int right = (int) random.ints(100, 0, 10).filter(answer -> answer == 0).count();
        best[i] = Math.max(best[i], right / 100.0);
      }
    }
    Arrays.sort(best);
    assertThat(Learning.bestByChance(all, 1, 10)).isEqualTo(best[best.length / 2]).isEqualTo(.16);
  }
}
