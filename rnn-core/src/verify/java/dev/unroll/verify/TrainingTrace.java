package dev.unroll.verify;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.io.Safetensors;
import dev.unroll.io.StateDict;
import dev.unroll.train.Adagrad;
import dev.unroll.train.Adam;
import dev.unroll.train.AdamW;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Optimizer;
import dev.unroll.train.RmsProp;
import dev.unroll.train.Session;
import dev.unroll.train.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model's training: embedding, recurrent stack and linear readout; each step the mean
 * cross-entropy of the next token from a zero state, clipping by global norm, one step of the
 * optimizer. Tensors: {@code init.NAME}, {@code tokens [step, T+1, B]}, {@code losses}, {@code
 * grad_norms_before_clip}, {@code final.NAME}.
 */
final class TrainingTrace {
  private static final double TOLERANCE = 1e-4;

  /** Adam divides a tiny gradient by its own size, so that float's rounding shows in the end. */
  private static final double FINAL_TOLERANCE = 1e-3;

  /** An optimizer's settings, under the metadata's keys. */
  private record Settings(
      double lr, double momentum, double weightDecay, double alpha, double eps) {
    Settings with(double rate, double decay) {
      return new Settings(rate, momentum, decay, alpha, eps);
    }
  }

  /** What the reference traces were made with; files may state their own. */
  private static final Map<String, Settings> USUAL =
      Map.of(
          "sgd", new Settings(.5, 0, 0, 0, 0),
          "momentum", new Settings(.1, .9, 0, 0, 0),
          "nesterov", new Settings(.1, .9, 0, 0, 0),
          "adagrad", new Settings(.1, 0, 0, 0, 1e-10),
          "rmsprop", new Settings(.005, 0, 0, .99, 1e-8),
          "adam", new Settings(.01, 0, 0, 0, 1e-8),
          "adamw", new Settings(.01, 0, .05, 0, 1e-8));

  private final Safetensors golden;
  private final StateDict initial;
  private final Map<String, String> metadata;
  private final Model.Config config;
  private final String optimizer;
  private final double[] losses;
  private final double[] norms;
  private final int steps;
  private final int batch;
  private final int[] tokens;

  private TrainingTrace(Safetensors golden) {
    this.golden = golden;
    this.metadata = golden.metadata();
    initial = new StateDict(golden).under("init.");
    config = initial.modelConfig(Model.Names.DEFAULT, null);
    optimizer = metadata.getOrDefault("optimizer", "").toLowerCase(Locale.ROOT);
    if (!USUAL.containsKey(optimizer)) {
      throw new IllegalArgumentException(
          "Metadata 'optimizer' is \"" + optimizer + "\": one of " + USUAL.keySet() + " is known.");
    }
    List<Integer> shape = golden.shape("tokens", 3);
    steps = shape.get(1) - 1;
    batch = shape.get(2);
    if (steps < 1) {
      throw new IllegalArgumentException(
          "Tensor 'tokens' has shape " + shape + ", but [step, T+1, B] needs T of at least 1.");
    }
    Golden.requireModest(config.recurrent(), steps, batch, config.outputSize());
    int vocabSize = golden.shape("init.embedding.weight", 2).get(0);
    tokens = Golden.ints(golden, "tokens", 0, vocabSize - 1, shape.get(0), steps + 1, batch);
    losses = Golden.checked(golden, "losses", shape.get(0)).doubles();
    norms = Golden.checked(golden, "grad_norms_before_clip", shape.get(0)).doubles();
  }

  static Verdict verify(String name, Safetensors golden) {
    TrainingTrace trace = new TrainingTrace(golden);
    Settings settings = trace.settings();
    Verdict verdict = trace.compare(name, settings, "");
    if (verdict.passed() || golden.metadata().containsKey("lr")) {
      return verdict;
    }
    // The file does not say its learning rate, and it is not the usual one: the first steps tell.
    Settings found = trace.search(settings);
    String note =
        String.format(
            Locale.ROOT, "(lr %s, weight_decay %s found)", found.lr(), found.weightDecay());
    Verdict second = trace.compare(name, found, note);
    return second.passed() ? second : verdict;
  }

  private Settings settings() {
    Settings usual = USUAL.getOrDefault(optimizer, new Settings(0, 0, 0, 0, 0));
    return new Settings(
        Golden.number(metadata, "lr", usual.lr()),
        Golden.number(metadata, "momentum", usual.momentum()),
        Golden.number(metadata, "weight_decay", usual.weightDecay()),
        Golden.number(metadata, "alpha", usual.alpha()),
        Golden.number(metadata, "eps", usual.eps()));
  }

  /** The round learning rate, then weight decay, that come closest to the first steps. */
  private Settings search(Settings usual) {
    List<Settings> rates = new ArrayList<>();
    for (double power : new double[] {1, .1, .01, .001, .0001}) {
      for (double digit : new double[] {1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 8}) {
        rates.add(usual.with(digit * power, usual.weightDecay()));
      }
    }
    Settings best = closest(rates);
    if (metadata.containsKey("weight_decay")) {
      return best;
    }
    return closest(
        Stream.of(0, .0001, .001, .01, .02, .05, .1, .2)
            .map(decay -> best.with(best.lr(), decay.doubleValue()))
            .toList());
  }

  private Settings closest(List<Settings> candidates) {
    Settings best = candidates.get(0);
    double shortest = Double.POSITIVE_INFINITY;
    for (Settings candidate : candidates) {
      double distance = distance(candidate);
      if (distance < shortest) {
        shortest = distance;
        best = candidate;
      }
    }
    return best;
  }

  private double distance(Settings settings) {
    int count = Math.min(4, losses.length);
    Run run = train(settings, count);
    double distance = 0;
    for (int i = 0; i < count; i++) {
      distance += Math.abs(run.losses[i] / losses[i] - 1) + Math.abs(run.norms[i] / norms[i] - 1);
    }
    return distance;
  }

  private Verdict compare(String name, Settings settings, String note) {
    Run run = train(settings, losses.length);
    Verdict.Builder verdict = new Verdict.Builder();
    verdict.series("losses", "losses", losses, run.losses, TOLERANCE);
    verdict.series("norms", "grad_norms_before_clip", norms, run.norms, TOLERANCE);
    for (Slice slice : run.parameters.slices()) {
      String key = "final." + slice.name();
      if (golden.tensors().containsKey(key)) {
        int end = slice.offset() + slice.size();
        float[] values = Arrays.copyOfRange(run.parameters.values(), slice.offset(), end);
        verdict.tensor("final", key, golden.tensor(key).doubles(), values, FINAL_TOLERANCE);
      }
    }
    return verdict.build(name, note);
  }

  private record Run(double[] losses, double[] norms, Parameters parameters) {}

  private Run train(Settings settings, int count) {
    Model model = initial.model();
    Parameters parameters = model.parameters();
    double clipNorm = Golden.number(metadata, "clip_norm", .25);
    Optimizer stepper = optimizer(settings);
    Session session = model.session(steps, batch, Readout.EVERY_STEP, true);
    Run run = new Run(new double[count], new double[count], parameters);
    for (int i = 0; i < count; i++) {
      int from = i * (steps + 1) * batch;
      int[] inputs = Arrays.copyOfRange(tokens, from, from + steps * batch);
      int[] targets = Arrays.copyOfRange(tokens, from + batch, from + (steps + 1) * batch);
      parameters.zeroGradients();
      session.forward(inputs);
      run.losses[i] = session.crossEntropy(targets);
      session.backward();
      run.norms[i] = GradientClipping.byGlobalNorm(parameters, clipNorm);
      stepper.step(parameters);
    }
    return run;
  }

  private Optimizer optimizer(Settings s) {
    return switch (optimizer) {
      case "adagrad" -> new Adagrad(s.lr, s.eps, s.weightDecay);
      case "rmsprop" -> new RmsProp(s.lr, s.alpha, s.eps, s.weightDecay, s.momentum);
      case "adam" -> new Adam(s.lr, beta1(), beta2(), s.eps, s.weightDecay);
      case "adamw" -> new AdamW(s.lr, beta1(), beta2(), s.eps, s.weightDecay);
      default -> new Sgd(s.lr, s.momentum, s.weightDecay, optimizer.equals("nesterov"));
    };
  }

  private double beta1() {
    return Golden.number(metadata, "beta1", .9);
  }

  private double beta2() {
    return Golden.number(metadata, "beta2", .999);
  }
}
