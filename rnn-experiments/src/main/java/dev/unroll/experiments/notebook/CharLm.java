package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

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
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result.Check;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.Learning;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Streams;
import dev.unroll.experiments.task.Temperatures;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A character model of real text, cell by cell: truncated BPTT over streams with the state carried,
 * and the loss on text that was held out (after Karpathy's char-rnn).
 */
public final class CharLm {
  /**
   * The ending of the checkpoint that each trial leaves in the run's folder: the model of the
   * evaluation with the lowest held-out loss.
   */
  public static final String CHECKPOINT = "-best.safetensors";

  private static final Temperatures TEMPERATURES = Temperatures.of(.5, .8, 1.0);
  private static final List<String> GATED = List.of("lstm", "gru");
  private static final int BINS = 20;
  private static final double LN2 = StrictMath.log(2);

  private static final Setting<Integer> BATCH_SIZE = Setting.count("batch_size", 1);
  private static final Setting<Double> GRAD_CLIP = Setting.positive("grad_clip");
  private static final Setting<Integer> EVAL_EVERY = Setting.count("eval_every", 1);
  private static final Setting<Double> VAL_FRAC = fraction("val_frac");
  private static final Setting<Integer> SAMPLE_LENGTH = Setting.count("sample_length", 0);

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
                  .with(CELLS, "rnn_tanh", "lstm", "gru")
                  .with(EMBEDDING_SIZE, 64)
                  .with(HIDDEN_SIZE, 128)
                  .with(NUM_LAYERS, 1)
                  .with(SEQ_LENGTH, 64)
                  .with(BATCH_SIZE, 32)
                  .with(LEARNING_RATE, .003)
                  .with(GRAD_CLIP, 5.0)
                  .with(STEPS, 2500)
                  .with(EVAL_EVERY, 250)
                  .with(VAL_FRAC, .1)
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
                      .with(EMBEDDING_SIZE, 32)
                      .with(HIDDEN_SIZE, 64)
                      .with(STEPS, 200)
                      .with(EVAL_EVERY, 50)
                      .with(SAMPLE_LENGTH, 200))
          .reads(CharLm::fingerprint)
          .over(CELL)
          .work(Learning::work)
          .measure(
              Measure.of("held_out_loss", "held_out_nats").unit("nats per character").digits(3))
          .derive(Measure.of("held_out_bits").digits(3), CharLm::bits)
          .measure(
              Measure.of("training_loss", "training_nats").unit("nats per character").digits(3))
          .measure(Measure.of("held-out curve", "held_out_curve").along(STEP).drawn())
          .measure(Measure.of("reach", "gradient_through_time").along(LAG).drawn())
          .measure(lastNorm("embedding"))
          .measure(lastNorm("layer 1"))
          .measure(lastNorm("readout"))
          .measure(saturated("gates_before"))
          .measure(saturated("gates_after"))
          .tell("source", CharLm::source)
          .tell("characters", outcome -> outcome.first().number("characters"))
          .tell("vocabulary", outcome -> outcome.first().number("vocabulary"))
          .tell("unigram", CharLm::unigram)
          .checks(CharLm::beatsUnigram)
          .table(
              Table.of("Loss at the end, mean over the seeds [95 % interval]")
                  .rows("cell")
                  .column(
                      "parameters",
                      row -> Numbers.format("%,.0f", row.outcome().first().number("parameters")))
                  .column("training, nats", "training_loss")
                  .column("held out, nats", "held_out_loss")
                  .column("held out, bits", "held_out_bits"))
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
              Plot.lines("held-out-loss", "held-out curve", "step")
                  .by("cell")
                  .title("Loss on held-out text")
                  .axes("training steps", "cross-entropy (nats per character)")
                  .reference("unigram baseline", CharLm::unigram)
                  .caption("Held-out loss, mean over the seeds with its 95 % band."))
          .plot(
              Plot.lines("through-time", "reach", "lag")
                  .by("cell")
                  .curves()
                  .title("Gradient of one prediction by the state, after training")
                  .axes("lag behind the prediction (characters)", "log10 of the norm, lag 0 = 0")
                  .caption("On held-out text, mean with its 95 % band."));

  private CharLm() {}

  private static boolean evaluates(int step, int every, int last) {
    return step % every == 0 || step == last;
  }

  private static String fingerprint(Settings all) {
    Corpus corpus = Corpus.of(all);
    // Whatever is wrong with text or checkpoint is told before anything is trained.
    HeldOutText text = split(all, corpus, vocabulary(all, corpus));
    text.trainingStreams();
    text.heldOutStreams();
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

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings());
    CharModel begin =
        trial.get(INIT_FROM).isEmpty()
            ? CharModel.of(
                Vocabulary.of(corpus.text()),
                trial.text("cell"),
                trial.get(EMBEDDING_SIZE),
                trial.get(HIDDEN_SIZE),
                trial.get(NUM_LAYERS),
                trial.random("weights"))
            : load(trial.get(INIT_FROM));
    CharModel chars = begin.withDropout(trial.get(DROPOUT));
    HeldOutText text = split(trial.settings(), corpus, chars.vocabulary());
    Measured measured = new Measured();
    watchGates(measured, "gates_before", chars, text);
    EarlyStopping best = train(measured, chars, text, trial);
    watchGates(measured, "gates_after", chars, text);
    watchReach(measured, chars, text);
    SplittableRandom random = trial.random("samples");
    String prime = chars.vocabulary().decode(text.heldOut()[0]);
    int length = trial.get(SAMPLE_LENGTH);
    measured
        .put("characters", (long) corpus.text().length())
        .put("vocabulary", (long) chars.vocabulary().size())
        .put("parameters", (long) chars.model().parameters().size())
        .put("unigram_nats", text.unigram(chars.vocabulary().size()))
        .put(
            "samples",
            TEMPERATURES.draw(
                temperature -> prime + chars.sample(prime, length, temperature, random)));
    best.restore();
    try {
      chars.save(trial.file(CHECKPOINT));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    return measured;
  }

  /** A histogram of the gate that keeps, on held-out text; for one layer with gates. */
  private static void watchGates(
      Measured measured, String name, CharModel chars, HeldOutText text) {
    RecurrentConfig recurrent = chars.model().config().recurrent();
    // The gates after i of the LSTM and after r of the GRU.
    if (recurrent.numLayers() == 1 && GATED.contains(recurrent.cell().name())) {
      Streams streams = text.heldOutStreams();
      streams.next();
      measured.put(
          name,
          rounded(GateProbe.histogram(chars.model(), 1, streams.tokens(), streams.batch(), BINS)));
    }
  }

  /** How far the gradient of one prediction reaches back, on held-out text; for one layer. */
  private static void watchReach(Measured measured, CharModel chars, HeldOutText text) {
    if (chars.model().config().recurrent().numLayers() == 1) {
      Streams streams = text.heldOutStreams();
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

  /** Returns what keeps the parameters of the lowest held-out loss. */
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
    EarlyStopping best = new EarlyStopping(parameters, Integer.MAX_VALUE, 0);
    StreamReader reader = new StreamReader(chars.model(), text.trainingStreams(), true);
    reader.dropout().setSeed(trial.random("dropout").nextLong());
    List<Integer> evalSteps = new ArrayList<>();
    List<Double> trainingNats = new ArrayList<>();
    List<Double> heldOutNats = new ArrayList<>();
    Map<String, List<Double>> norms = new LinkedHashMap<>();
    double sum = 0;
    int counted = 0;
    long start = System.nanoTime();
    long evaluating = 0;
    double speed = 0;
    for (int step = 1; step <= steps; step++) {
      double loss = training.step(reader::next, reader::backward);
      sum += loss;
      counted++;
      if (evaluates(step, trial.get(EVAL_EVERY), steps)) {
        long evaluationStart = System.nanoTime();
        evalSteps.add(step);
        trainingNats.add(sum / counted);
        heldOutNats.add(new StreamReader(chars.model(), text.heldOutStreams(), false).mean());
        best.update(heldOutNats.getLast());
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
              heldOutNats.isEmpty() ? "" : Numbers.format(", held-out %.3f", heldOutNats.getLast()),
              speed));
    }
    trial.timing("characters_per_second", speed);
    measured
        .put("held_out_nats", heldOutNats.getLast())
        .put("held_out_bits", heldOutNats.getLast() / LN2)
        .put("training_nats", trainingNats.getLast())
        .put("eval_steps", evalSteps)
        .put("training_curve", trainingNats)
        .put("held_out_curve", heldOutNats);
    norms.forEach((layer, values) -> measured.put("gradient_norms " + layer, values));
    return best;
  }

  private static List<Figure> bits(Outcome outcome) {
    return outcome.grid("held_out_loss").cells().stream()
        .map(
            cell ->
                Figure.of(
                    "held_out_loss",
                    cell.place(),
                    "bits per character",
                    Arrays.stream(cell.values()).map(nats -> nats / LN2).toArray()))
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

  private static double unigram(Outcome outcome) {
    return outcome.first().number("unigram_nats");
  }

  private static List<Check> beatsUnigram(Outcome outcome) {
    double unigram = unigram(outcome);
    return outcome.grid("held_out_loss").cells().stream()
        .map(
            cell ->
                new Check(
                    cell.label(CELL) + " beats the unigram baseline by at least 0.5 nats",
                    cell.figure().mean() < unigram - .5,
                    Numbers.format("%.3f against %.3f", cell.figure().mean(), unigram)))
        .toList();
  }

  private static String source(Outcome outcome) {
    String text = outcome.get(TEXT);
    return text.isEmpty()
        ? "the sources of java.util that the JDK ships"
        : String.valueOf(Path.of(text).getFileName());
  }
}
