package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.Tuning;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.Temperatures;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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

  static final Temperatures TEMPERATURES = Temperatures.of(.5, .8, 1.0);
  static final int BINS = 20;

  static final Setting<Double> GRAD_CLIP = Setting.positive("grad_clip");
  static final Setting<Integer> SAMPLE_LENGTH = Setting.count("sample_length", 0);

  /** Evaluations without a lower validation loss after which a training ends; 0 for none. */
  static final Setting<Integer> PATIENCE = Setting.count("patience", 0);

  /** The longest n-grams that are counted. */
  static final Setting<Integer> LONGEST_NGRAM = Setting.count("longest_ngram", 1);

  /** Whether cells are compared at one hidden size, at as many parameters, or both. */
  private static final Setting<List<String>> SIZES =
      Setting.texts("sizes")
          .require(
              List.of("hidden", "parameters")::containsAll, "must be hidden, parameters or both.");

  /** What follows the name of a cell that is as large as the largest. */
  static final String ENLARGED = "-enlarged";

  /** A checkpoint to begin with, or empty; it decides the architecture. */
  static final Setting<String> INIT_FROM = Setting.text("init_from");

  static final Setting<Double> DROPOUT =
      Setting.number("dropout")
          .require(p -> p >= 0 && p < 1, "must be at least 0 and less than 1.")
          .unsaidAt(0.0);

  /**
   * Streams of a shard, whose gradients are summed alone; 0 for the whole batch at once. Shards can
   * be divided among workers.
   */
  static final Setting<Integer> SHARD_SIZE = Setting.count("shard_size", 0).unsaidAt(0);

  static final Setting<String> SCHEDULE =
      Setting.text("schedule")
          .require(List.of("constant", "cosine")::contains, "must be constant or cosine.")
          .unsaidAt("constant");
  static final Setting<Integer> WARMUP_STEPS = Setting.count("warmup_steps", 0).unsaidAt(0);

  /** A trial for each cell at the hidden size, and for each that can be as large as the largest. */
  private static final Axis NETWORK =
      Axis.of("cell", CharLm::networks)
          .labelled(
              network ->
                  CellNames.label(cell(network))
                      + (network.endsWith(ENLARGED) ? ", enlarged" : ""));

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
                  .with(SHARD_SIZE, 0)
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
          .over(CharLmBaselines.BASELINE)
          .work(CharLm::work)
          .measure(nats("held_out_loss", "held_out_nats"))
          .measure(nats("baseline_loss", "held_out_nats").only("kind", "baseline"))
          .derive(Measure.of("held_out_bits").digits(3), CharLmBaselines::bits)
          .derive(Measure.of("below_kneser_ney").digits(3), CharLmBaselines::belowKneserNey)
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
          .tell("order", outcome -> CharLmBaselines.of(outcome, "kneser_ney").number("order"))
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
                  .below(CharLmBaselines::rows))
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
                  .reference(
                      "Kneser-Ney n-gram",
                      outcome -> CharLmBaselines.validation(outcome, "kneser_ney"))
                  .reference("xz", outcome -> CharLmBaselines.validation(outcome, "xz"))
                  .caption(
                      "Loss on the validation part of ${source}, at hidden size ${hidden_size},"
                          + " mean over the seeds<#if patience gt 0> that still train there</#if>"
                          + " with its 95 % band."))
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

  private static String fingerprint(Settings all) {
    Corpus corpus = Corpus.of(all);
    // Whatever is wrong with text or checkpoint is told before anything is trained.
    split(all, corpus, vocabulary(all, corpus)).requireLongEnough();
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

  static HeldOutText split(Settings all, Corpus corpus, Vocabulary vocabulary) {
    return HeldOutText.of(
        corpus, vocabulary, all.get(VAL_FRAC), all.get(SEQ_LENGTH), all.get(BATCH_SIZE));
  }

  static Vocabulary vocabulary(Settings all, Corpus corpus) {
    return all.get(INIT_FROM).isEmpty()
        ? Vocabulary.of(corpus.text())
        : load(all.get(INIT_FROM)).vocabulary();
  }

  static CharModel load(String file) {
    try {
      return CharModel.load(Path.of(file));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  static String cell(String network) {
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
  static String largest(Settings all) {
    return Collections.max(
        all.get(CELLS), Comparator.comparingInt(cell -> parameters(all, cell, 1)));
  }

  static int parameters(Settings all, String cell, int vocabSize) {
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
    return trial.has("cell")
        ? CharLmTrial.network(trial, corpus)
        : CharLmBaselines.count(trial, corpus);
  }

  private static Measure nats(String name, String key) {
    return Measure.of(name, key)
        .unit("nats per character")
        .digits(3)
        .at("text", all -> Corpus.of(all).contents());
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
