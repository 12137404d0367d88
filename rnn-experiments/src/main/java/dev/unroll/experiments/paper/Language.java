package dev.unroll.experiments.paper;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.DeltaCell;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.TinyShakespeare;
import dev.unroll.experiments.task.Variant;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Curves;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.interpolation.LinearInterpolator;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.IChart;

/**
 * How well each cell predicts the next character of a text at as many parameters, after as many
 * steps, and after as much time of training on one thread.
 */
final class Language {
  /** Whose parameters and whose time every network has. */
  private static final String REFERENCE = "lstm:default";

  private static final String KIND = "kind";
  private static final String TRAINING = "training";
  private static final String CLOCK = "clock";
  private static final String CURVE = "held_out_curve";
  private static final String NATS = "nats per character";

  /** The steps of the reference whose time each network is given. */
  private static final Setting<Integer> EQUAL_STEPS = Setting.count("equal_steps", 1);

  /** Units of a head of a cell with a matrix state, about. */
  private static final int HEAD = 64;

  /** Units come in so many, which heads and vectors divide. */
  private static final int GRAIN = 8;

  private static final Setting<Integer> CLOCK_STEPS = Setting.count("clock_steps", 1);
  private static final Setting<Integer> CLOCK_ROUNDS = Setting.count("clock_rounds", 1);

  // Of the charts, in nats, up to what no training has: the mean over seeds of which some exploded
  // would leave no room for the others.
  private static final double SHOWN_FROM = 1.5;
  private static final double SHOWN_TO = 4.3;

  private static final Axis STEP =
      Axis.of(
          "step",
          all ->
              IntStream.rangeClosed(0, all.get(STEPS))
                  .filter(step -> looks(step, all.get(EVAL_EVERY), all.get(STEPS)))
                  .boxed()
                  .toList());

  private static final Measure AT_EQUAL_TIME = loss(Measure.of("held_out_loss_at_equal_time"));
  private static final Measure BEHIND_AT_EQUAL_TIME =
      Measure.of("behind_at_equal_time").unit(NATS).digits(3);

  private static final Match[] MATCHES = {
    new Match("rnn_tanh:default", REFERENCE),
    new Match("min_gru:default", "gru:default"),
    new Match("min_lstm:default", REFERENCE),
    new Match("slstm:default", REFERENCE),
    new Match("para_gru:default", "gru:default"),
    new Match("para_lstm:default", REFERENCE),
    new Match("gated_delta:default", "rg_lru:default"),
    new Match("gated_delta_signed:default", "gated_delta:default"),
    new Match("delta_product2:default", "gated_delta_signed:default"),
    new Match("min_gru:default", REFERENCE),
    new Match("gated_delta:default", REFERENCE)
  };

  static final Experiment EXPERIMENT =
      Experiment.of("language", Language::trial)
          .settings(
              new Settings()
                  .with(TEXT, TinyShakespeare.NAME)
                  .with(MAX_CHARACTERS, 1_200_000)
                  .with(VAL_FRAC, .1)
                  .with(
                      VARIANTS.require(
                          all -> all.contains(REFERENCE),
                          "must hold lstm:default, whose parameters and time the others get."),
                      Variant.defaults())
                  .with(EMBEDDING_SIZE, 64)
                  .with(HIDDEN_SIZE, 128)
                  .with(SEQ_LENGTH, 64)
                  .with(BATCH_SIZE, 32)
                  .with(LEARNING_RATES, .001, .003, .01)
                  .with(Tuning.SEEDS, 1)
                  .with(CLIP_NORM, 1.0)
                  .with(STEPS, 3000)
                  .with(EVAL_EVERY, 150)
                  .with(EQUAL_STEPS, 1500)
                  .with(CLOCK_STEPS, 20)
                  .with(CLOCK_ROUNDS, 3)
                  .require(
                      "equal_steps must be from 1 to steps.",
                      all -> all.get(EQUAL_STEPS) <= all.get(STEPS)))
          .quick(
              full ->
                  full.with(TEXT, "")
                      .with(MAX_CHARACTERS, 100_000)
                      .with(VARIANTS, REFERENCE, "gru:default", "min_gru:default")
                      .with(EMBEDDING_SIZE, 16)
                      .with(HIDDEN_SIZE, 32)
                      .with(LEARNING_RATES, .01)
                      .with(STEPS, 100)
                      .with(EVAL_EVERY, 20)
                      .with(EQUAL_STEPS, 50)
                      .with(CLOCK_STEPS, 5))
          .reads(Language::fingerprint)
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "validation loss in nats, negated",
                  one -> -one.number("validation_nats"),
                  Map.of(),
                  List.of(VARIANT)))
          .part(KIND, TRAINING)
          .over(VARIANT)
          .part(KIND, CLOCK)
          .oneAtATime()
          .work(Language::work)
          .measure(loss(Measure.last("held_out_loss", CURVE)).only(KIND, TRAINING))
          .measure(
              loss(Measure.list("held_out", one -> one.numbers(CURVE)))
                  .along(STEP)
                  .only(KIND, TRAINING)
                  .drawn())
          .measure(
              Measure.of("step_time", "milliseconds")
                  .along(VARIANT)
                  .unit("milliseconds")
                  .only(KIND, CLOCK))
          .derive(AT_EQUAL_TIME, Language::atEqualTime)
          .compare(
              Measure.of("behind").unit(NATS).digits(3),
              "variant",
              seed -> last(seed.first().numbers(CURVE)),
              MATCHES)
          .derive(BEHIND_AT_EQUAL_TIME, Language::behindAtEqualTime)
          .tell("source", outcome -> Corpus.of(outcome.settings()).contents())
          .tell("parameters", outcome -> parameters(outcome.settings()))
          .tell(
              "seconds",
              outcome -> outcome.get(EQUAL_STEPS) * milliseconds(outcome, REFERENCE) / 1e3)
          .table(
              Table.of(
                      "Held-out loss on ${source} in nats a character, at"
                          + " ${parameters?string[',##0']} parameters, mean [95 %]")
                  .rows("variant")
                  .column("hidden", row -> whole(row, "hidden"))
                  .column("parameters", row -> whole(row, "parameters"))
                  .column("after ${steps} steps", "held_out_loss")
                  .column("a step, ms", "step_time")
                  .column("steps in ${seconds?string['0.0']} s", Language::meanEqualSteps)
                  .column("after ${seconds?string['0.0']} s", "held_out_loss_at_equal_time"))
          .plot(
              Plot.of("loss-against-time", Language::chart)
                  .caption(
                      "Loss on the held-out part of ${source} at the evaluation so far with the"
                          + " lowest validation loss, mean over the seeds; a step takes what the"
                          + " clock's trials measured, on one thread with nothing beside it."))
          .plot(
              Plot.lines("loss-against-steps", "held_out", "step")
                  .by("variant")
                  .title("Held-out loss at equal parameters")
                  .axes("training steps", "cross-entropy (nats per character)")
                  .curves()
                  .range(SHOWN_FROM, SHOWN_TO)
                  .caption(
                      "Loss on the held-out part of ${source}, mean over the seeds with 95 %"
                          + " bands."));

  private Language() {}

  private static Measure loss(Measure measure) {
    return measure.unit(NATS).digits(3).range(0, Double.POSITIVE_INFINITY);
  }

  /** A matrix state takes several times what its parameters do. */
  private static double work(Settings all, Trial trial) {
    return trial.variant().containsKey("variant")
            && Variant.of(trial.text("variant")).cell() instanceof DeltaCell
        ? 4
        : 1;
  }

  /** Often at first, while the loss falls fast: at 0 and at halves of the usual distance. */
  private static boolean looks(int step, int every, int last) {
    boolean early = step == 0;
    for (int half = every / 2; half > 0; half /= 2) {
      early |= step == half;
    }
    return early || evaluates(step, every, last);
  }

  private static String fingerprint(Settings all) {
    Corpus corpus = Corpus.of(all);
    text(all, corpus, Vocabulary.of(corpus.text())).requireLongEnough();
    return corpus.fingerprint();
  }

  private static HeldOutText text(Settings all, Corpus corpus, Vocabulary vocabulary) {
    return HeldOutText.of(
        corpus, vocabulary, all.get(VAL_FRAC), all.get(SEQ_LENGTH), all.get(BATCH_SIZE));
  }

  /** A network in training. */
  private record Learner(Model model, Training training, StreamReader reader) {
    double step() {
      return training.step(reader::next, reader::backward);
    }
  }

  /** The parameters of the reference. */
  private static int parameters(Settings all) {
    int tokens = Vocabulary.of(Corpus.of(all).text()).size();
    return parameters(all.get(HIDDEN_SIZE), REFERENCE, all, tokens);
  }

  private static int parameters(int hidden, String variant, Settings all, int tokens) {
    RecurrentConfig layer = layer(hidden, variant, all);
    return Math.toIntExact(
        layer.parameterCount() + tokens * (all.get(EMBEDDING_SIZE) + layer.outputSize() + 1L));
  }

  private static RecurrentConfig layer(int hidden, String variant, Settings all) {
    return RecurrentConfig.of(Variant.of(variant).cell(), all.get(EMBEDDING_SIZE), hidden)
        .withHeads(heads(hidden, variant));
  }

  private static int heads(int hidden, String variant) {
    return Variant.of(variant).cell() instanceof DeltaCell
        ? Math.max(1, Math.round(hidden / (float) HEAD))
        : 1;
  }

  /** The layer with which a variant comes nearest to the reference's parameters. */
  private static RecurrentConfig layer(Settings all, String variant, int tokens) {
    int reference = all.get(HIDDEN_SIZE);
    if (variant.equals(REFERENCE)) {
      return layer(reference, variant, all);
    }
    int wanted = parameters(reference, REFERENCE, all, tokens);
    int hidden =
        IntStream.iterate(GRAIN, more -> more + GRAIN)
            .filter(more -> more % heads(more, variant) == 0)
            .takeWhile(more -> more == GRAIN || parameters(more, variant, all, tokens) < 2 * wanted)
            .boxed()
            .min(
                Comparator.comparingInt(
                    more -> Math.abs(parameters(more, variant, all, tokens) - wanted)))
            .orElseThrow();
    return layer(hidden, variant, all);
  }

  private static Learner learner(
      TrialContext trial, String variant, double learningRate, HeldOutText text, int tokens) {
    Settings all = trial.settings();
    Model model =
        Variant.of(variant)
            .model(
                OptionalInt.of(tokens),
                layer(all, variant, tokens),
                tokens,
                all.get(SEQ_LENGTH),
                trial::random);
    return new Learner(
        model,
        new Training(model.parameters(), new Adam(learningRate), all.get(CLIP_NORM)),
        new StreamReader(model, text.trainingStreams(), true));
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings());
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    HeldOutText text = text(trial.settings(), corpus, vocabulary);
    return trial.has("variant")
        ? learn(trial, text, vocabulary.size())
        : clock(trial, text, vocabulary.size());
  }

  private static Measured learn(TrialContext trial, HeldOutText text, int tokens) {
    Learner learner = learner(trial, trial.text("variant"), trial.get(LEARNING_RATE), text, tokens);
    int steps = trial.get(STEPS);
    double lowest = Double.POSITIVE_INFINITY;
    List<Double> heldOut = new ArrayList<>();
    for (int step = 0; step <= steps; step++) {
      if (step > 0) {
        learner.step();
      }
      if (looks(step, trial.get(EVAL_EVERY), steps)) {
        double now = new StreamReader(learner.model, text.validationStreams(), false).mean();
        // What is tested is the network that one would have kept.
        heldOut.add(
            now < lowest
                ? new StreamReader(learner.model, text.testStreams(), false).mean()
                : heldOut.getLast());
        lowest = Math.min(lowest, now);
        trial.progress(
            (double) step / (steps + 1), Numbers.format("step %d, validation %.3f", step, now));
      }
    }
    return new Measured()
        .put("steps", (long) steps)
        .put("validation_nats", lowest)
        .put(CURVE, heldOut)
        .put("parameters", (long) learner.model.parameters().size())
        .put("hidden", (long) learner.model.config().recurrent().hiddenSize());
  }

  /** What a step of each takes, in turns, so that a disturbance meets all of them. */
  private static Measured clock(TrialContext trial, HeldOutText text, int tokens) {
    List<Learner> learners =
        trial.get(VARIANTS).stream()
            .map(variant -> learner(trial, variant, .001, text, tokens))
            .toList();
    double[] milliseconds = new double[learners.size()];
    Arrays.fill(milliseconds, Double.POSITIVE_INFINITY);
    int rounds = trial.get(CLOCK_ROUNDS);
    // The first round is for the compiler.
    for (int round = 0; round <= rounds; round++) {
      trial.progress(round / (rounds + 1.0));
      for (int i = 0; i < milliseconds.length; i++) {
        double now = milliseconds(learners.get(i), trial.get(CLOCK_STEPS));
        if (round > 0) {
          // The quickest round is the one that was disturbed least.
          milliseconds[i] = Math.min(milliseconds[i], now);
        }
      }
    }
    return new Measured().put("milliseconds", milliseconds);
  }

  private static double milliseconds(Learner learner, int steps) {
    long start = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      learner.step();
    }
    return (System.nanoTime() - start) / 1e6 / steps;
  }

  // ---- what the trials say together ----

  private static double last(double[] values) {
    return values[values.length - 1];
  }

  private static String variant(Table.Row row) {
    return String.valueOf(row.place().get("variant"));
  }

  private static String whole(Table.Row row, String key) {
    return Numbers.format("%,.0f", row.outcome().first().number(key));
  }

  private static double milliseconds(Outcome outcome, String variant) {
    return outcome.mean("step_time", "variant=" + variant);
  }

  /** The steps that fit into the time, at most all that were taken. */
  private static double equalSteps(Outcome outcome, double reference, double own) {
    return Math.min(outcome.get(STEPS), outcome.get(EQUAL_STEPS) * reference / own);
  }

  /** What a seed's clock says of a variant. */
  private static double milliseconds(Outcome outcome, TrialRecord clock, String variant) {
    return clock.numbers("milliseconds")[outcome.get(VARIANTS).indexOf(variant)];
  }

  private static double[] steps(Outcome outcome) {
    return STEP.values().apply(outcome.settings()).stream()
        .mapToDouble(step -> ((Number) step).doubleValue())
        .toArray();
  }

  private static String meanEqualSteps(Table.Row row) {
    double reference = milliseconds(row.outcome(), REFERENCE);
    return Numbers.format(
        "%.0f", equalSteps(row.outcome(), reference, milliseconds(row.outcome(), variant(row))));
  }

  /** A trial's loss after the time that its seed's own clock gives it. */
  private static double lossAtEqualTime(Outcome outcome, TrialRecord record) {
    TrialRecord clock =
        outcome.where(KIND, CLOCK).where("seed", record.trial().path("seed").asLong()).first();
    double reference = milliseconds(outcome, clock, REFERENCE);
    double own = milliseconds(outcome, clock, record.trial().path("variant").asString());
    return new LinearInterpolator()
        .interpolate(steps(outcome), record.numbers(CURVE))
        .value(equalSteps(outcome, reference, own));
  }

  /** Whether every seed has its clock. */
  private static boolean clocked(Outcome outcome) {
    return outcome.where(KIND, CLOCK).records().size() == outcome.seeds().size();
  }

  private static List<Figure> atEqualTime(Outcome outcome) {
    if (!clocked(outcome)) {
      return List.of();
    }
    return outcome.get(VARIANTS).stream()
        .map(variant -> outcome.where("variant", variant))
        .filter(own -> !own.isEmpty())
        .map(
            own ->
                AT_EQUAL_TIME.figure(
                    Map.of("variant", own.first().trial().path("variant").asString()),
                    own.records().stream()
                        .mapToDouble(record -> lossAtEqualTime(outcome, record))
                        .toArray()))
        .toList();
  }

  private static List<Figure> behindAtEqualTime(Outcome outcome) {
    if (!clocked(outcome)) {
      return List.of();
    }
    return Arrays.stream(MATCHES)
        .flatMap(
            match ->
                BEHIND_AT_EQUAL_TIME
                    .difference(
                        outcome.where("variant", match.better()),
                        outcome.where("variant", match.baseline()),
                        seed -> lossAtEqualTime(outcome, seed.first()),
                        Map.of("variant", match.better(), "less", match.baseline()))
                    .stream())
        .toList();
  }

  private static @Nullable IChart chart(Outcome outcome) {
    if (!clocked(outcome)) {
      return null;
    }
    XYChart chart =
        Charts.xyOfMany(
            "Held-out loss at equal parameters, against time",
            "time of training on one thread (seconds)",
            "cross-entropy (nats per character)");
    Curves curves = new Curves();
    for (String variant : outcome.get(VARIANTS)) {
      List<Figure> losses = outcome.grid("held_out").where("variant", variant).figures();
      double seconds = milliseconds(outcome, variant) / 1e3;
      curves.add(
          Variant.of(variant).label(),
          Arrays.stream(steps(outcome)).limit(losses.size()).map(step -> step * seconds).toArray(),
          losses.stream().mapToDouble(Figure::mean).toArray(),
          losses.stream().mapToDouble(loss -> loss.end(false)).toArray(),
          losses.stream().mapToDouble(loss -> loss.end(true)).toArray());
    }
    curves.draw(chart, false);
    chart.getStyler().setYAxisMin(SHOWN_FROM).setYAxisMax(SHOWN_TO);
    return chart;
  }
}
