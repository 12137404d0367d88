package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Axis;
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
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Compression;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.KneserNey;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Streams;
import dev.unroll.experiments.task.Temperatures;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.EarlyStopping;
import dev.unroll.train.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * A character model of a text, cell by cell: truncated BPTT over streams with the state carried,
 * and the loss on text that was held out (after Karpathy's char-rnn), beside what counting and
 * compression make of it.
 */
public final class CharLm {
  /**
   * The ending of the checkpoint that each trial leaves in the run's folder: the model of the
   * evaluation with the lowest validation loss.
   */
  public static final String CHECKPOINT = "-best.safetensors";

  private static final Temperatures TEMPERATURES = Temperatures.of(.5, .8, 1.0);
  private static final List<String> GATED = List.of("lstm", "gru");
  private static final int BINS = 20;
  private static final double LN2 = StrictMath.log(2);

  private static final Setting<Integer> BATCH_SIZE = Setting.count("batch_size", 1);
  private static final Setting<Double> GRAD_CLIP = Setting.positive("grad_clip");
  private static final Setting<Integer> EVAL_EVERY = Setting.count("eval_every", 1);
  private static final Setting<Double> VAL_FRAC =
      Setting.number("val_frac")
          .require(part -> part > 0 && part < .5, "must lie between 0 and .5.");
  private static final Setting<Integer> SAMPLE_LENGTH = Setting.count("sample_length", 0);

  /** Evaluations without a lower validation loss after which a training ends; 0 for none. */
  private static final Setting<Integer> PATIENCE = Setting.count("patience", 0);

  /** The longest n-grams that are counted. */
  private static final Setting<Integer> LONGEST_NGRAM = Setting.count("longest_ngram", 1);

  /** Whether cells are compared at one hidden size, at as many parameters, or both. */
  private static final Setting<List<String>> SIZES =
      Setting.texts("sizes")
          .require(
              List.of("hidden", "parameters")::containsAll, "must be hidden, parameters or both.");

  /** What follows the name of a cell that is as large as the largest. */
  private static final String ENLARGED = "-enlarged";

  /** A checkpoint to begin with, or empty; it decides the architecture. */
  private static final Setting<String> INIT_FROM = Setting.text("init_from");

  private static final Setting<Double> DROPOUT =
      Setting.number("dropout")
          .require(p -> p >= 0 && p < 1, "must be at least 0 and less than 1.")
          .unsaidAt(0.0);
  private static final Setting<String> SCHEDULE =
      Setting.text("schedule")
          .require(List.of("constant", "cosine")::contains, "must be constant or cosine.")
          .unsaidAt("constant");
  private static final Setting<Integer> WARMUP_STEPS = Setting.count("warmup_steps", 0).unsaidAt(0);

  /** A trial for each cell at the hidden size, and for each that can be as large as the largest. */
  private static final Axis NETWORK =
      Axis.of("cell", CharLm::networks)
          .labelled(
              network ->
                  CellNames.label(cell(network))
                      + (network.endsWith(ENLARGED) ? ", enlarged" : ""));

  /** What needs no network. */
  private static final Axis BASELINE =
      Axis.of("baseline", all -> List.of("unigram", "kneser_ney", "xz"))
          .labelled(
              baseline ->
                  switch (baseline) {
                    case "kneser_ney" -> "Kneser-Ney n-gram";
                    case "xz" -> "xz after the training part";
                    default -> baseline;
                  });

  private static final Axis STEP =
      Axis.of(
          "step",
          all ->
              IntStream.rangeClosed(1, all.get(STEPS))
                  .filter(step -> evaluates(step, all.get(EVAL_EVERY), all.get(STEPS)))
                  .boxed()
                  .toList());
  private static final Axis LAG = Axis.range("lag", 0, all -> all.get(SEQ_LENGTH) - 1, 1);

  static final Experiment EXPERIMENT =
      Experiment.of("char-lm", CharLm::trial)
          .settings(
              new Settings()
                  .with(TEXT, "")
                  .with(MAX_CHARACTERS, 1_000_000)
                  .with(CELLS, "rnn_tanh", "lstm", "gru", "min_gru", "min_gru_signed", "min_lstm")
                  .with(SIZES, "hidden", "parameters")
                  .with(EMBEDDING_SIZE, 64)
                  .with(HIDDEN_SIZE, 128)
                  .with(NUM_LAYERS, 1)
                  .with(SEQ_LENGTH, 64)
                  .with(BATCH_SIZE, 32)
                  .with(LEARNING_RATES, .001, .003, .01, .03)
                  .with(Tuning.SEEDS, 2)
                  .with(GRAD_CLIP, 5.0)
                  .with(STEPS, 2500)
                  .with(EVAL_EVERY, 250)
                  .with(PATIENCE, 0)
                  .with(VAL_FRAC, .1)
                  .with(LONGEST_NGRAM, 12)
                  .with(SAMPLE_LENGTH, 300)
                  .with(INIT_FROM, "")
                  .with(DROPOUT, 0.0)
                  .with(SCHEDULE, "constant")
                  .with(WARMUP_STEPS, 0)
                  .require(
                      "warmup_steps must be less than steps.",
                      all -> all.get(WARMUP_STEPS) < all.get(STEPS)))
          .quick(
              full ->
                  full.with(MAX_CHARACTERS, 200_000)
                      .with(SIZES, "hidden")
                      .with(LEARNING_RATES, .003)
                      .with(EMBEDDING_SIZE, 32)
                      .with(HIDDEN_SIZE, 64)
                      .with(STEPS, 200)
                      .with(EVAL_EVERY, 50)
                      .with(SAMPLE_LENGTH, 200))
          .reads(CharLm::fingerprint)
          .seeds(10, 11)
          .tuned(
              new Tuning(
                  LEARNING_RATE,
                  LEARNING_RATES,
                  "validation loss in nats, negated",
                  one -> -one.number("validation_nats"),
                  Map.of(),
                  List.of(NETWORK)))
          .over(NETWORK)
          .part("kind", "baseline")
          .over(BASELINE)
          .work(CharLm::work)
          .measure(nats("held_out_loss", "held_out_nats"))
          .measure(nats("baseline_loss", "held_out_nats").only("kind", "baseline"))
          .derive(Measure.of("held_out_bits").digits(3), CharLm::bits)
          .derive(Measure.of("below_kneser_ney").digits(3), CharLm::belowKneserNey)
          .measure(nats("training_loss", "training_nats"))
          .measure(
              Measure.list(
                      "validation curve",
                      record ->
                          record.trial().path("cell").asString().endsWith(ENLARGED)
                              ? new double[0]
                              : record.numbers("validation_curve"))
                  .along(STEP)
                  .drawn())
          .measure(Measure.of("reach", "gradient_through_time").along(LAG).drawn())
          .measure(lastNorm("embedding"))
          .measure(lastNorm("layer 1"))
          .measure(lastNorm("readout"))
          .measure(saturated("gates_before"))
          .measure(saturated("gates_after"))
          .tell("name", outcome -> Corpus.of(outcome.settings()).name())
          .tell("source", outcome -> Corpus.of(outcome.settings()).contents())
          .tell("order", outcome -> baseline(outcome, "kneser_ney").number("order"))
          .tell("characters", outcome -> outcome.first().number("characters"))
          .tell("vocabulary", outcome -> outcome.first().number("vocabulary"))
          .table(
              Table.of("Loss on ${source}, mean over the seeds [95 % interval]")
                  .rows("cell")
                  .column("hidden", row -> whole(row, "hidden"))
                  .column("parameters", row -> whole(row, "parameters"))
                  .column("training, nats", "training_loss")
                  .column("held out, nats", "held_out_loss")
                  .column("held out, bits", "held_out_bits")
                  .column("nats below Kneser-Ney", "below_kneser_ney")
                  .below(CharLm::baselineRows))
          .table(TEMPERATURES.table("cell"))
          .table(
              Table.of(
                      "Inside the training: gradient norms at the end before clipping; gates (f of"
                          + " the LSTM, z of the GRU) beyond .1 and .9")
                  .rows("cell")
                  .column("embedding", "embedding")
                  .column("first layer", "layer 1")
                  .column("readout", "readout")
                  .column("saturated before", row -> gates(row, "gates_before"))
                  .column("saturated after", row -> gates(row, "gates_after")))
          .plot(
              Plot.lines("held-out-loss", "validation curve", "step")
                  .by("cell")
                  .title("Validation loss, ${name}")
                  .axes("training steps", "cross-entropy (nats per character)")
                  .reference("Kneser-Ney n-gram", outcome -> validation(outcome, "kneser_ney"))
                  .reference("xz", outcome -> validation(outcome, "xz"))
                  .caption(
                      "Loss on the validation part of ${source}, at hidden size ${hidden_size},"
                          + " mean over the seeds with its 95 % band."))
          .plot(
              Plot.lines("through-time", "reach", "lag")
                  .by("cell")
                  .curves()
                  .title("Gradient of one prediction by the state, ${name}")
                  .axes("lag behind the prediction (characters)", "log10 of the norm, lag 0 = 0")
                  .caption(
                      "After training, on the held-out part of ${source}, mean with its 95 %"
                          + " band."));

  private CharLm() {}

  private static boolean evaluates(int step, int every, int last) {
    return step % every == 0 || step == last;
  }

  private static String fingerprint(Settings all) {
    Corpus corpus = Corpus.of(all);
    // Whatever is wrong with text or checkpoint is told before anything is trained.
    HeldOutText text = split(all, corpus, vocabulary(all, corpus));
    text.trainingStreams();
    text.validationStreams();
    text.testStreams();
    int layers =
        all.get(INIT_FROM).isEmpty()
            ? all.get(NUM_LAYERS)
            : load(all.get(INIT_FROM)).model().config().recurrent().numLayers();
    if (all.get(DROPOUT) > 0 && layers == 1) {
      throw new InputException(
          "char-lm: dropout acts between layers, and this model has one: use num_layers=2 or more,"
              + " or dropout=0.");
    }
    return corpus.fingerprint();
  }

  private static HeldOutText split(Settings all, Corpus corpus, Vocabulary vocabulary) {
    return HeldOutText.of(
        corpus, vocabulary, all.get(VAL_FRAC), all.get(SEQ_LENGTH), all.get(BATCH_SIZE));
  }

  private static Vocabulary vocabulary(Settings all, Corpus corpus) {
    return all.get(INIT_FROM).isEmpty()
        ? Vocabulary.of(corpus.text())
        : load(all.get(INIT_FROM)).vocabulary();
  }

  private static CharModel load(String file) {
    try {
      return CharModel.load(Path.of(file));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  private static String cell(String network) {
    return network.replace(ENLARGED, "");
  }

  private static List<String> networks(Settings all) {
    List<String> cells = all.get(CELLS);
    List<String> networks = new ArrayList<>();
    if (all.get(SIZES).contains("hidden") || !all.get(INIT_FROM).isEmpty()) {
      networks.addAll(cells);
    }
    if (all.get(SIZES).contains("parameters") && all.get(INIT_FROM).isEmpty()) {
      String largest = largest(all);
      cells.stream()
          .filter(cell -> networks.isEmpty() || !cell.equals(largest))
          .map(cell -> cell + ENLARGED)
          .forEach(networks::add);
    }
    return networks;
  }

  /**
   * The cell with the most parameters at the hidden size; how many tokens there are is the same.
   */
  private static String largest(Settings all) {
    return Collections.max(
        all.get(CELLS), Comparator.comparingInt(cell -> parameters(all, cell, 1)));
  }

  private static int parameters(Settings all, String cell, int vocabSize) {
    return Networks.parameters(
        cell, vocabSize, all.get(EMBEDDING_SIZE), all.get(HIDDEN_SIZE), all.get(NUM_LAYERS));
  }

  private static double work(Settings all, Trial trial) {
    // A compressor or a counter takes about a tenth of what a small network's training does.
    return trial.variant().containsKey("cell")
        ? 1 + Cells.named(cell(trial.text("cell"))).gates()
        : .2;
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings());
    return trial.has("cell") ? network(trial, corpus) : baseline(trial, corpus);
  }

  /** The same for every seed. */
  private static Measured baseline(TrialContext trial, Corpus corpus) {
    trial.progress(0);
    Vocabulary vocabulary = vocabulary(trial.settings(), corpus);
    HeldOutText text = split(trial.settings(), corpus, vocabulary);
    Measured measured = new Measured();
    if (trial.text("baseline").equals("xz")) {
      String training = vocabulary.decode(text.training());
      return measured
          .put("held_out_nats", Compression.xz(training, vocabulary.decode(text.test())))
          .put("validation_nats", Compression.xz(training, vocabulary.decode(text.validation())));
    }
    int longest = trial.text("baseline").equals("unigram") ? 1 : trial.get(LONGEST_NGRAM);
    KneserNey counted =
        KneserNey.best(text.training(), text.validation(), vocabulary.size(), longest);
    return measured
        .put("held_out_nats", counted.loss(text.test()))
        .put("validation_nats", counted.loss(text.validation()))
        .put("order", (long) counted.order());
  }

  private static CharModel untrained(TrialContext trial, Corpus corpus) {
    if (!trial.get(INIT_FROM).isEmpty()) {
      return load(trial.get(INIT_FROM));
    }
    Settings all = trial.settings();
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    String cell = cell(trial.text("cell"));
    int hidden = all.get(HIDDEN_SIZE);
    if (trial.text("cell").endsWith(ENLARGED)) {
      int most = parameters(all, largest(all), vocabulary.size());
      hidden =
          Networks.hiddenSize(
              cell, vocabulary.size(), all.get(EMBEDDING_SIZE), all.get(NUM_LAYERS), most);
    }
    return CharModel.of(
        vocabulary,
        cell,
        all.get(EMBEDDING_SIZE),
        hidden,
        all.get(NUM_LAYERS),
        trial.random("weights"));
  }

  private static Measured network(TrialContext trial, Corpus corpus) {
    CharModel chars = untrained(trial, corpus).withDropout(trial.get(DROPOUT));
    HeldOutText text = split(trial.settings(), corpus, chars.vocabulary());
    Measured measured = new Measured();
    watchGates(measured, "gates_before", chars, text);
    train(measured, chars, text, trial).restore();
    measured.put(
        "held_out_nats", new StreamReader(chars.model(), text.testStreams(), false).mean());
    watchGates(measured, "gates_after", chars, text);
    watchReach(measured, chars, text);
    SplittableRandom random = trial.random("samples");
    String prime = chars.vocabulary().decode(text.test()[0]);
    int length = trial.get(SAMPLE_LENGTH);
    measured
        .put("characters", (long) corpus.text().length())
        .put("vocabulary", (long) chars.vocabulary().size())
        .put("parameters", (long) chars.model().parameters().size())
        .put("hidden", (long) chars.model().config().recurrent().hiddenSize())
        .put(
            "samples",
            TEMPERATURES.draw(
                temperature -> prime + chars.sample(prime, length, temperature, random)));
    try {
      chars.save(trial.file(CHECKPOINT));
    } catch (IOException problem) {
      throw new UncheckedIOException(AtomicFile.named(problem, trial.file(CHECKPOINT)));
    }
    return measured;
  }

  /** A histogram of the gate that keeps, on held-out text; for one layer with gates. */
  private static void watchGates(
      Measured measured, String name, CharModel chars, HeldOutText text) {
    RecurrentConfig recurrent = chars.model().config().recurrent();
    // The gates after i of the LSTM and after r of the GRU.
    if (recurrent.numLayers() == 1 && GATED.contains(recurrent.cell().name())) {
      Streams streams = text.testStreams();
      streams.next();
      measured.put(
          name,
          rounded(GateProbe.histogram(chars.model(), 1, streams.tokens(), streams.batch(), BINS)));
    }
  }

  /** How far the gradient of one prediction reaches back, on held-out text; for one layer. */
  private static void watchReach(Measured measured, CharModel chars, HeldOutText text) {
    if (chars.model().config().recurrent().numLayers() == 1) {
      Streams streams = text.testStreams();
      streams.next();
      int[] targets = streams.targets();
      int[] last = Arrays.copyOfRange(targets, targets.length - streams.batch(), targets.length);
      measured.put(
          "gradient_through_time",
          rounded(
              TimeGradients.log10Norms(chars.model(), streams.tokens(), last, streams.batch())));
    }
  }

  /** To five digits, which keeps the file small. */
  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> StrictMath.rint(value * 1e5) / 1e5).toArray();
  }

  private static Schedule schedule(TrialContext trial) {
    int warmUp = trial.get(WARMUP_STEPS);
    Schedule schedule =
        trial.get(SCHEDULE).equals("cosine")
            ? Schedule.cosine(trial.get(STEPS) - warmUp, 0)
            : Schedule.constant();
    return schedule.afterWarmUp(warmUp, 1.0 / Math.max(1, warmUp));
  }

  /** Returns what keeps the parameters of the lowest validation loss. */
  private static EarlyStopping train(
      Measured measured, CharModel chars, HeldOutText text, TrialContext trial) {
    int steps = trial.get(STEPS);
    double window = (double) trial.get(SEQ_LENGTH) * trial.get(BATCH_SIZE);
    Parameters parameters = chars.model().parameters();
    Training training =
        new Training(
            parameters,
            new Adam(trial.get(LEARNING_RATE)).with(schedule(trial)),
            trial.get(GRAD_CLIP));
    EarlyStopping best =
        new EarlyStopping(
            parameters, trial.get(PATIENCE) == 0 ? Integer.MAX_VALUE : trial.get(PATIENCE), 0);
    StreamReader reader = new StreamReader(chars.model(), text.trainingStreams(), true);
    reader.dropout().setSeed(trial.random("dropout").nextLong());
    List<Integer> evalSteps = new ArrayList<>();
    List<Double> trainingNats = new ArrayList<>();
    List<Double> validationNats = new ArrayList<>();
    Map<String, List<Double>> norms = new LinkedHashMap<>();
    double sum = 0;
    int counted = 0;
    long start = System.nanoTime();
    long evaluating = 0;
    double speed = 0;
    int step = 0;
    while (step < steps && !best.stop()) {
      step++;
      double loss = training.step(reader::next, reader::backward);
      sum += loss;
      counted++;
      if (evaluates(step, trial.get(EVAL_EVERY), steps)) {
        long evaluationStart = System.nanoTime();
        evalSteps.add(step);
        trainingNats.add(sum / counted);
        validationNats.add(new StreamReader(chars.model(), text.validationStreams(), false).mean());
        best.update(validationNats.getLast());
        training
            .layerNorms()
            .forEach(
                (layer, norm) -> norms.computeIfAbsent(layer, l -> new ArrayList<>()).add(norm));
        sum = 0;
        counted = 0;
        evaluating += System.nanoTime() - evaluationStart;
      }
      speed = step * window / (System.nanoTime() - start - evaluating) * 1e9;
      trial.progress(
          (double) step / (steps + 1),
          Numbers.format(
              "training loss %.3f nats%s, %.0f characters/s",
              loss,
              validationNats.isEmpty()
                  ? ""
                  : Numbers.format(", validation %.3f", validationNats.getLast()),
              speed));
    }
    trial.timing("characters_per_second", speed);
    measured
        .put("validation_nats", best.best())
        .put("best_step", evalSteps.get(Math.max(0, best.bestUpdate() - 1)))
        .put("steps", (long) step)
        .put("training_nats", trainingNats.get(Math.max(0, best.bestUpdate() - 1)))
        .put("eval_steps", evalSteps)
        .put("training_curve", trainingNats)
        .put("validation_curve", validationNats);
    norms.forEach((layer, values) -> measured.put("gradient_norms " + layer, values));
    return best;
  }

  private static Measure nats(String name, String key) {
    return Measure.of(name, key)
        .unit("nats per character")
        .digits(3)
        .at("text", all -> Corpus.of(all).contents());
  }

  private static List<Figure> bits(Outcome outcome) {
    return derived(outcome, "held_out_loss", "bits per character", nats -> nats / LN2);
  }

  private static List<Figure> belowKneserNey(Outcome outcome) {
    double counted = baseline(outcome, "kneser_ney").number("held_out_nats");
    return derived(outcome, "below_kneser_ney", "nats per character", nats -> counted - nats);
  }

  private static List<Figure> derived(
      Outcome outcome, String name, String unit, DoubleUnaryOperator change) {
    return outcome.grid("held_out_loss").cells().stream()
        .map(
            cell ->
                Figure.of(
                    name,
                    cell.figure().where(),
                    unit,
                    Arrays.stream(cell.values()).map(change).toArray()))
        .toList();
  }

  private static TrialRecord baseline(Outcome outcome, String name) {
    return outcome.where("baseline", name).first();
  }

  private static double validation(Outcome outcome, String name) {
    return baseline(outcome, name).number("validation_nats");
  }

  private static List<List<String>> baselineRows(Outcome outcome) {
    return outcome.grid("baseline_loss").cells().stream()
        .map(
            cell -> {
              double nats = cell.figure().mean();
              double below = baseline(outcome, "kneser_ney").number("held_out_nats") - nats;
              return List.of(
                  cell.label(BASELINE),
                  "",
                  "",
                  "",
                  Numbers.format("%.3f", nats),
                  Numbers.format("%.3f", nats / LN2),
                  Numbers.format("%.3f", below));
            })
        .toList();
  }

  private static Measure lastNorm(String layer) {
    return Measure.last(layer, "gradient_norms " + layer).digits(3).drawn();
  }

  /** How much of a gate's histogram lies in the two bins at each end. */
  private static Measure saturated(String when) {
    return Measure.list(
            when,
            record -> {
              if (!record.has(when)) {
                return new double[0];
              }
              double[] bins = record.numbers(when);
              return new double[] {bins[0] + bins[1] + bins[BINS - 2] + bins[BINS - 1]};
            })
        .drawn();
  }

  private static String gates(Table.Row row, String when) {
    Figure figure = row.figure(when);
    return figure == null ? "no gates" : figure.text(3);
  }

  private static String whole(Table.Row row, String key) {
    return Numbers.format("%,.0f", row.outcome().first().number(key));
  }
}
