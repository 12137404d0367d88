package dev.unroll.experiments.task;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Ladder;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Solver;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Task;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Estimate;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.number.Survival;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * The settings that experiments have in common, under their usual names and limits; the axes over
 * them; and what is built from them.
 */
public final class Learning {
  /** Cells compared. */
  public static final Setting<List<String>> CELLS =
      Setting.texts("cells", Cells.all().stream().map(Cell::name).toList());

  /** The one cell. */
  public static final Setting<String> ONE_CELL = Setting.text("cell").check(Cells::named);

  /** Initializations of W_hh compared. */
  public static final Setting<List<String>> INITS = Setting.texts("inits", Networks.INITS);

  /** Cells with their initializations, see {@link Variant}. */
  public static final Setting<List<String>> VARIANTS =
      Setting.texts("variants").check(Variant::require);

  /** T that is trained at. */
  public static final Setting<List<Integer>> LENGTHS = Setting.counts("lengths", 1);

  /** T that a ladder climbs, rising. */
  public static final Setting<List<Integer>> RUNGS =
      LENGTHS.require(Learning::rise, "must rise and be at least 1.");

  /** The rungs of a ladder within a trial, called T. */
  private static final Axis RUNG = Axis.of("rung", RUNGS).named("T");

  /** Steps of a window that is cut from a text. */
  public static final Setting<Integer> SEQ_LENGTH = Setting.count("seq_length", 1);

  /** T that is tested at. */
  public static final Setting<List<Integer>> TEST_LENGTHS = Setting.counts("test_lengths", 1);

  /** Lengths at which bands of tested lengths end, rising; the first band begins at 1. */
  public static final Setting<List<Integer>> BANDS =
      TEST_LENGTHS.require(Learning::rise, "must rise and be at least 1.");

  /** Sequences of each test. */
  public static final Setting<Integer> TEST_SAMPLES = Setting.count("test_samples", 1);

  /** Most examples of a kind that are drawn before a training begins. */
  public static final int MOST_DRAWN = 1_000_000;

  /** What is kept from training to test on. */
  public static final Setting<Integer> HELD_OUT = Setting.count("held_out", 1, MOST_DRAWN);

  /** Tokens. */
  public static final Setting<Integer> VOCAB_SIZE = Setting.count("vocab_size", 2);

  /** A UTF-8 file, {@link TinyShakespeare#NAME}, or empty for the running JDK's own sources. */
  public static final Setting<String> TEXT = Setting.text("text");

  /** How much of the text is used. */
  public static final Setting<Integer> MAX_CHARACTERS = Setting.count("max_characters", 1000);

  /** How much of the text chooses, and as much again tests. */
  public static final Setting<Double> VAL_FRAC =
      Setting.number("val_frac")
          .require(part -> part > 0 && part < .5, "must lie between 0 and .5.");

  /** Training steps between two looks at the validation part. */
  public static final Setting<Integer> EVAL_EVERY = Setting.count("eval_every", 1);

  /** Width of the embedding. */
  public static final Setting<Integer> EMBEDDING_SIZE = Setting.count("embedding_size", 1);

  /** H. */
  public static final Setting<Integer> HIDDEN_SIZE = Setting.count("hidden_size", 1);

  /** Recurrent layers. */
  public static final Setting<Integer> NUM_LAYERS = Setting.count("num_layers", 1);

  /** Training steps, or the most of them. */
  public static final Setting<Integer> STEPS = Setting.count("steps", 1);

  /** Passes over all the data. */
  public static final Setting<Integer> EPOCHS = Setting.count("epochs", 1);

  /** Sequences in a batch. */
  public static final Setting<Integer> SAMPLES = Setting.count("samples", 1);

  /** Streams that a text is cut into and that are read side by side. */
  public static final Setting<Integer> BATCH_SIZE = Setting.count("batch_size", 1);

  /** The optimizer's. */
  public static final Setting<Double> LEARNING_RATE = Setting.positive("learning_rate");

  /** What is tried for {@link #LEARNING_RATE}. */
  public static final Setting<List<Double>> LEARNING_RATES =
      Setting.numbers("learning_rates")
          .require(all -> all.stream().allMatch(rate -> rate > 0), "must be positive.");

  /** T at which the learning rate is chosen. */
  public static final Setting<Integer> TUNING_LENGTH = Setting.count("tuning_length", 2);

  /** Largest global norm of the gradients. */
  public static final Setting<Double> CLIP_NORM = Setting.positive("clip_norm");

  /** Batches, each scored before it is learned from, that are looked at together. */
  public static final Setting<Integer> WINDOW = Setting.count("window", 1);

  /** Mean score of a window that counts as solved and ends the training. */
  public static final Setting<Double> BAR = Setting.number("bar");

  /** Steps by which a climb has to go further to count as further; a rung, where rungs are near. */
  public static final Setting<Integer> LEAST_FURTHER = Setting.count("least_further", 1);

  /** Rungs missed in a row after which a ladder is left. */
  public static final Setting<Integer> MISSES = Setting.count("misses", 1);

  /** A trial for each cell. */
  public static final Axis CELL = Axis.of("cell", CELLS).labelled(CellNames::label);

  /** A trial for each initialization. */
  public static final Axis INIT = Axis.of("init", INITS).headed("W_hh");

  /** A trial for each variant. */
  public static final Axis VARIANT =
      Axis.of("variant", VARIANTS).headed("network").labelled(name -> Variant.of(name).label());

  /** A trial for each length, called T. */
  public static final Axis LENGTH = Axis.of("length", LENGTHS).named("T");

  /** A trial for each length, where the tests have lengths of their own. */
  public static final Axis TRAINED_AT = Axis.of("length", LENGTHS).named("trained_at");

  /** The lengths of each trial's tests. */
  public static final Axis TESTED_AT =
      Axis.of("test_length", TEST_LENGTHS).named("tested_at").headed("tested at T");

  /** The ends of the windows that a {@link Solver}'s losses are means of. */
  public static final Axis TRAINING_STEP =
      Axis.of(
          "training_step",
          all ->
              IntStream.rangeClosed(1, all.get(STEPS) / all.get(WINDOW))
                  .map(i -> i * all.get(WINDOW))
                  .boxed()
                  .toList());

  private static final String LOG_HAZARD_RATIO_NAME = "log_hazard_ratio";

  /** Above 0 where solutions come sooner, see {@link #logHazardRatio}. */
  public static final Measure LOG_HAZARD_RATIO = Measure.of(LOG_HAZARD_RATIO_NAME);

  private Learning() {}

  /** A part of something, neither none nor all of it. */
  public static Setting<Double> fraction(String name) {
    return Setting.number(name).require(part -> part > 0 && part < 1, "must lie between 0 and 1.");
  }

  private static boolean rise(List<Integer> values) {
    return IntStream.range(1, values.size()).allMatch(i -> values.get(i) > values.get(i - 1));
  }

  /** Whether the validation part is looked at after this step. */
  public static boolean evaluates(int step, int every, int last) {
    return step % every == 0 || step == last;
  }

  /** Settings for training on fresh batches of sequences of tokens. */
  public static Settings tokens(int vocabSize, int embeddingSize, int hiddenSize) {
    return new Settings()
        .with(VOCAB_SIZE, vocabSize)
        .with(EMBEDDING_SIZE, embeddingSize)
        .with(HIDDEN_SIZE, hiddenSize);
  }

  /**
   * A Solver's losses in training, where a trial that has solved its task stays at its last value.
   */
  public static Measure losses(Function<TrialRecord, double[]> losses) {
    return Measure.list("losses", losses)
        .along(TRAINING_STEP)
        .clipped(0, Double.POSITIVE_INFINITY)
        .held()
        .drawn();
  }

  /** The work of a trial that goes through a length, from the products that its cell makes. */
  public static double work(Settings settings, Trial trial) {
    String cell =
        trial.variant().containsKey("variant")
            ? Variant.of(trial.text("variant")).cell().name()
            : trial.text("cell");
    int products = 1 + Cells.named(cell).gates();
    return trial.variant().containsKey("length") ? trial.number("length") * products : products;
  }

  /** A model of a variant on tokens, with chrono measured in {@code length}. */
  public static Model model(TrialContext trial, String variant, int layers, int length) {
    return model(trial, variant, layers, trial.get(VOCAB_SIZE), trial.get(VOCAB_SIZE), length);
  }

  /** As the other, with answers that are not its tokens. */
  public static Model model(
      TrialContext trial, String variant, int layers, int tokens, int answers, int length) {
    return Variant.of(variant)
        .model(
            OptionalInt.of(tokens),
            trial.get(EMBEDDING_SIZE),
            trial.get(HIDDEN_SIZE),
            layers,
            answers,
            length,
            trial::random);
  }

  /** Has a model answer a task's next batch. */
  public static Session answered(Model model, Task task) {
    Session session = model.session(task.steps(), task.batch(), task.readout(), false);
    task.next();
    task.forward(session);
    task.loss(session);
    return session;
  }

  /** A model on tokens of the trial's cell, with its initialization of W_hh. */
  public static Model model(TrialContext trial) {
    Cell cell = Cells.named(trial.text("cell"));
    int vocabSize = trial.get(VOCAB_SIZE);
    Model model = model(trial, vocabSize, layer(trial, cell.name()), vocabSize);
    Networks.initialize(
        model.parameters(), trial.text("init"), cell.gates(), trial.random("recurrent weights"));
    return model;
  }

  /** Notebook 000's model: a tanh RNN with an embedding as wide as the vocabulary. */
  public static Model characters(TrialContext trial, int vocabSize) {
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named("rnn_tanh"), vocabSize, trial.get(HIDDEN_SIZE));
    return model(trial, vocabSize, recurrent, vocabSize);
  }

  /** One layer of a cell, as {@link #EMBEDDING_SIZE} and {@link #HIDDEN_SIZE} say. */
  public static RecurrentConfig layer(TrialContext trial, String cell) {
    return RecurrentConfig.of(Cells.named(cell), trial.get(EMBEDDING_SIZE), trial.get(HIDDEN_SIZE));
  }

  /** A model on tokens with PyTorch's initialization. */
  public static Model model(
      TrialContext trial, int vocabSize, RecurrentConfig recurrent, int outputSize) {
    return new Model(
        Model.Config.of(recurrent, outputSize).withEmbedding(vocabSize), trial.random("weights"));
  }

  /** The copy-first task at a length, on the stream of random numbers called {@code purpose}. */
  public static CopyFirstTask copyFirst(TrialContext trial, int length, String purpose) {
    return new CopyFirstTask(
        length, trial.get(SAMPLES), trial.get(VOCAB_SIZE), trial.random(purpose));
  }

  /**
   * What the best window of a {@link Solver} reaches by guessing, in the median: the largest of as
   * many means as the steps have windows, so more than one in so many.
   *
   * @param answers how many are asked of a sequence
   * @param choices for each
   */
  public static double bestByChance(Settings all, int answers, int choices) {
    int windows = all.get(STEPS) / all.get(WINDOW);
    int asked = Math.multiplyExact(answers, Math.multiplyExact(all.get(WINDOW), all.get(SAMPLES)));
    double median = StrictMath.pow(.5, 1.0 / windows);
    return (double)
            new BinomialDistribution(asked, 1.0 / choices).inverseCumulativeProbability(median)
        / asked;
  }

  /** The solver that {@link #STEPS} to {@link #BAR} describe. */
  public static Solver solver(TrialContext trial) {
    return solver(trial, trial.get(BAR));
  }

  /** A solver that takes all of its steps, whatever it has solved. */
  public static Solver tireless(TrialContext trial) {
    return solver(trial, Double.POSITIVE_INFINITY);
  }

  private static Solver solver(TrialContext trial, double bar) {
    return new Solver(
        trial.get(STEPS), trial.get(LEARNING_RATE), trial.get(CLIP_NORM), trial.get(WINDOW), bar);
  }

  /** {@code before} with the settings of {@link #solver(TrialContext)}. */
  public static Settings solver(
      Settings before,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    return solver(before.with(LEARNING_RATE, learningRate), steps, samples, clipNorm, window, bar);
  }

  /** As the other, where the learning rate is chosen out of three on three seeds. */
  public static Settings tunedSolver(
      Settings before, int steps, int samples, double clipNorm, int window, double bar) {
    Settings tuned = before.with(LEARNING_RATES, .001, .003, .01).with(Tuning.SEEDS, 3);
    return solver(tuned, steps, samples, clipNorm, window, bar);
  }

  private static Settings solver(
      Settings before, int steps, int samples, double clipNorm, int window, double bar) {
    return before
        .with(STEPS, steps)
        .with(SAMPLES, samples)
        .with(CLIP_NORM, clipNorm)
        .with(WINDOW, window)
        .with(BAR, bar)
        .require("window must be from 1 to steps.", all -> all.get(WINDOW) <= all.get(STEPS));
  }

  /** A ladder over {@link #LENGTHS}. */
  public static Ladder ladder(TrialContext trial) {
    return new Ladder(trial.get(LENGTHS), trial.get(MISSES), solver(trial));
  }

  /** What a variant does on that ladder, with chrono told each length. */
  public static Measured climb(TrialContext trial, String variant) {
    return climb(
        trial,
        length -> model(trial, variant, 1, length),
        length -> copyFirst(trial, length, "data"));
  }

  /**
   * What models do on a ladder of tasks.
   *
   * @param models the model for a length
   * @param tasks the task at a length
   */
  public static Measured climb(
      TrialContext trial, IntFunction<Model> models, IntFunction<Task> tasks) {
    Ladder.Climb climb = ladder(trial).climb(models, tasks, trial, 0, 1);
    return new Measured()
        .put("horizon", climb.horizon())
        .put("solved", climb.solved())
        .put("steps", climb.steps())
        .put("scores", climb.scores());
  }

  /**
   * The fraction of seeds that solved each rung, for drawing; one that was not tried counts as not
   * solved.
   */
  public static Measure solvedRungs() {
    return solvedRungs("solved").drawn();
  }

  /** The same as figures under a name of their own. */
  public static Measure solvedRungs(String name) {
    return rungs(name, rung -> Math.max(0, rung));
  }

  /** The fraction of seeds that tried each rung, for drawing. */
  public static Measure triedRungs() {
    return rungs("tried", rung -> rung == Ladder.NOT_TRIED ? 0 : 1).drawn();
  }

  /** How many of a row's trials solved the row's rung, in how many steps; empty where none did. */
  public static String solvedIn(Table.Row row) {
    int rung = row.outcome().along("T").indexOf(row.place().get("T"));
    List<TrialRecord> all = row.outcome().records();
    List<TrialRecord> solved =
        all.stream().filter(one -> one.numbers("solved")[rung] == 1).toList();
    double steps =
        solved.stream().mapToDouble(one -> one.numbers("steps")[rung]).average().orElse(0);
    return solved.isEmpty()
        ? ""
        : Numbers.format("%d of %d in %.0f", solved.size(), all.size(), steps);
  }

  /**
   * The fraction of seeds that reach a bar at each of the tested lengths.
   *
   * @param key what trials put the values under, one a length
   */
  public static Measure seedsAt(String name, String key, double bar) {
    return Measure.list(
            name, one -> Arrays.stream(one.numbers(key)).map(at -> at >= bar ? 1 : 0).toArray())
        .unit("fraction of seeds")
        .along(TESTED_AT)
        .fraction();
  }

  private static Measure rungs(String name, DoubleUnaryOperator value) {
    return Measure.list(name, one -> Arrays.stream(one.numbers("solved")).map(value).toArray())
        .along(RUNG)
        .fraction();
  }

  /**
   * The steps in which the seeds of these trials came to a solution; one that did not, or stopped,
   * is censored at the last step.
   */
  public static Survival untilSolved(Outcome some) {
    int seeds = some.seeds().size();
    double[] steps = new double[seeds];
    boolean[] solved = new boolean[seeds];
    for (int i = 0; i < seeds; i++) {
      Outcome one = some.where("seed", some.seeds().get(i));
      solved[i] = !one.isEmpty() && one.first().number("solved") == 1;
      steps[i] = solved[i] ? one.first().number("steps") : some.get(STEPS);
    }
    return Survival.of(steps, solved);
  }

  /** How much sooner the seeds of {@code one} come to a solution than those of {@code other}. */
  public static Figure logHazardRatio(Outcome one, Outcome other, Map<String, Object> where) {
    return Figure.of(
        LOG_HAZARD_RATIO_NAME,
        where,
        "",
        Estimate.hazardRatio(untilSolved(one), untilSolved(other)));
  }

  /**
   * Of the seeds that both have, those that climb the ladder further with {@code one} than with
   * {@code other} by {@link #LEAST_FURTHER} steps or more; a fraction also says something where all
   * reach the ladder's end. Empty where there are none.
   */
  public static Optional<Figure> seedsFurther(
      Measure measure, Outcome one, Outcome other, Map<String, Object> where) {
    double[] differences = Outcome.differences(one, other, some -> some.first().number("horizon"));
    int least = one.get(LEAST_FURTHER);
    return differences.length == 0
        ? Optional.empty()
        : Optional.of(
            measure.figure(
                where, Arrays.stream(differences).map(more -> more >= least ? 1 : 0).toArray()));
  }

  /**
   * As the other for each of some matches of variants.
   *
   * @param place what the figures' places name besides the variant and, under {@code less}, the
   *     other
   */
  public static Stream<Figure> seedsFurther(
      Measure measure, Outcome some, Map<String, Object> place, Match... matches) {
    return Arrays.stream(matches)
        .flatMap(
            match -> {
              Map<String, Object> where = new HashMap<>(place);
              where.put("variant", match.better());
              where.put("less", match.baseline());
              return seedsFurther(
                  measure,
                  some.where("variant", match.better()),
                  some.where("variant", match.baseline()),
                  where)
                  .stream();
            });
  }

  /** The learning rate for each combination of these axes by how far the ladder is climbed. */
  public static Tuning learningRateByHorizon(Axis... axes) {
    return new Tuning(
        LEARNING_RATE,
        LEARNING_RATES,
        "longest T solved",
        one -> one.number("horizon"),
        Map.of(),
        List.of(axes));
  }

  /**
   * The learning rate for each combination of these axes by a {@link Solver}'s last score at {@link
   * #TUNING_LENGTH}; whatever is solved scores 1, so that the fewest steps decide.
   */
  public static Tuning learningRateByScore(Axis... axes) {
    return new Tuning(
        LEARNING_RATE,
        LEARNING_RATES,
        "last score, 1 where solved",
        one -> one.number("solved") == 1 ? 1 : one.number("score"),
        Map.of("length", TUNING_LENGTH),
        List.of(axes));
  }
}
