package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.notebook.CharLm.*;
import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Streams;
import dev.unroll.experiments.task.TimeGradients;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.io.Safetensors;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.EarlyStopping;
import dev.unroll.train.Optimizer;
import dev.unroll.train.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** One training of {@link CharLm}: what is trained, what is watched, what is kept. */
final class CharLmTrial {
  private static final List<String> GATED = List.of("lstm", "gru");

  private CharLmTrial() {}

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

  static Measured network(TrialContext trial, Corpus corpus) {
    CharModel chars = untrained(trial, corpus).withDropout(trial.get(DROPOUT));
    HeldOutText text = split(trial.settings(), corpus, chars.vocabulary());
    Measured measured = new Measured();
    watchGates(measured, "gates_before", chars, text);
    try (Team team = new Team(trial.threads())) {
      Streams streams = text.trainingStreams();
      int shardSize = trial.get(SHARD_SIZE);
      StreamReader reader =
          shardSize == 0
              ? new StreamReader(chars.model(), streams, true)
              : new StreamReader(chars.model(), streams, shardSize, team, trial.peers());
      reader.setDropoutSeed(trial.random("dropout").nextLong());
      train(measured, chars, text, reader, trial).restore();
    }
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

  private static Optional<Safetensors> newest(TrialContext trial) {
    try {
      return trial.checkpoints().newest(trial.peers());
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  private static void write(TrialContext trial, int step, Safetensors checkpoint) {
    if (trial.peers().rank() == 0) {
      try {
        trial.checkpoints().write(step, checkpoint);
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
  }

  /** Returns what keeps the parameters of the lowest validation loss. */
  private static EarlyStopping train(
      Measured measured,
      CharModel chars,
      HeldOutText text,
      StreamReader reader,
      TrialContext trial) {
    int steps = trial.get(STEPS);
    double window = (double) trial.get(SEQ_LENGTH) * trial.get(BATCH_SIZE);
    Parameters parameters = chars.model().parameters();
    Optimizer optimizer = new Adam(trial.get(LEARNING_RATE)).with(schedule(trial));
    Training training = new Training(parameters, optimizer, trial.get(GRAD_CLIP));
    EarlyStopping best =
        new EarlyStopping(
            parameters, trial.get(PATIENCE) == 0 ? Integer.MAX_VALUE : trial.get(PATIENCE), 0);
    Optional<Safetensors> checkpoint = newest(trial);
    CharLmProgress before = checkpoint.map(CharLmProgress::of).orElseGet(CharLmProgress::none);
    checkpoint.ifPresent(
        file -> before.resume(file, parameters, best, optimizer, training, reader));
    List<Integer> evalSteps = before.evalSteps();
    List<Double> trainingNats = before.trainingNats();
    List<Double> validationNats = before.validationNats();
    Map<String, List<Double>> norms = before.norms();
    double sum = before.sum();
    int counted = before.counted();
    long start = System.nanoTime();
    long evaluating = 0;
    double speed = 0;
    int step = before.step();
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
      if (trial.checkpoints().isDue(step)) {
        long checkpointStart = System.nanoTime();
        CharLmProgress now =
            new CharLmProgress(step, sum, counted, evalSteps, trainingNats, validationNats, norms);
        write(trial, step, now.checkpoint(parameters, best, optimizer, training, reader));
        evaluating += System.nanoTime() - checkpointStart;
      }
      speed = (step - before.step()) * window / (System.nanoTime() - start - evaluating) * 1e9;
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
}
