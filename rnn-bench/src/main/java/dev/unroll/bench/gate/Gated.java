package dev.unroll.bench.gate;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.kernel.Activations;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import dev.unroll.train.Linear;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A benchmark of the gate: a line of {@code benchmarks.txt}. Both sides run the definitions of the
 * candidate, each on its own rnn-core, so that nothing but the core differs.
 *
 * @param name what it is called in reports, and what must not change silently
 * @param definition kind and sizes, as in the file
 */
record Gated(String name, List<String> definition) implements Benchmark {
  /** The file, from the root of the sources. */
  static final String FILE = "rnn-bench/src/main/resources/dev/unroll/bench/gate/benchmarks.txt";

  private static final long SEED = 20_26;

  /** The gated benchmarks of this build. */
  static List<Gated> all() {
    try (InputStream stream = Gated.class.getResourceAsStream("benchmarks.txt")) {
      if (stream == null) {
        throw new IllegalStateException("benchmarks.txt is missing: build rnn-bench again");
      }
      return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read benchmarks.txt", e);
    }
  }

  /**
   * Reads a list of benchmarks.
   *
   * @throws IllegalArgumentException if a name comes twice or has no definition
   */
  static List<Gated> parse(String text) {
    List<Gated> all = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String trimmed = line.trim();
      if (trimmed.isEmpty() || trimmed.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(trimmed.split("\\s+"));
      if (words.size() < 2 || all.stream().anyMatch(known -> known.name.equals(words.get(0)))) {
        throw new IllegalArgumentException(
            "benchmarks.txt: '%s' needs a name of its own and a definition".formatted(trimmed));
      }
      all.add(new Gated(words.get(0), words.subList(1, words.size())));
    }
    return all;
  }

  @Override
  public int threads() {
    return definition.get(0).equals("layer") ? Integer.parseInt(definition.get(4)) : 1;
  }

  /**
   * Makes what is to be timed, seeded.
   *
   * @param check whether to check layers against double precision first
   * @throws IllegalArgumentException if there is no such kind
   * @throws IllegalStateException if the layer computes something wrong
   * @throws LinkageError if the core on the class path lacks what the benchmark calls
   */
  Runnable prepare(boolean check) {
    return switch (definition.get(0)) {
      case "layer" -> layer(check);
      case "gemm" -> gemm(number(1), number(2), number(3));
      case "activations" -> activations(number(1));
      case "softmax" -> softmax(number(1), number(2));
      default ->
          throw new IllegalArgumentException(
              "benchmarks.txt: no kind '" + definition.get(0) + "' of benchmark");
    };
  }

  private int number(int word) {
    return Integer.parseInt(definition.get(word));
  }

  /** Of the core only what all its versions have: the base may be an old one. */
  private Runnable layer(boolean check) {
    String cell = definition.get(1);
    Mode mode = Mode.valueOf(definition.get(2).toUpperCase(Locale.ROOT));
    Shape s = Shape.parse(definition.get(3));
    int heads = definition.size() > 5 ? number(5) : 1;
    if (check) {
      Workload workload = new Workload(cell, mode, s, threads(), heads);
      UnrollPeer.verified(workload, Operands.of(workload, SEED)).close();
    }
    boolean training = mode == Mode.TRAINING;
    Parameters parameters = new Parameters();
    RecurrentConfig config = RecurrentConfig.of(Cells.named(cell), s.inputSize(), s.hiddenSize());
    Recurrent recurrent =
        new Recurrent(parameters, "", heads > 1 ? config.withHeads(heads) : config);
    float[] weights = normal(parameters.size());
    for (int i = 0; i < weights.length; i++) {
      parameters.values()[i] = (float) (weights[i] / Math.sqrt(3.0 * s.hiddenSize()));
    }
    parameters.changed();
    Workspace workspace = recurrent.workspace(s.steps(), s.batch(), training, new Team(threads()));
    float[] x = normal(s.steps() * s.batch() * s.inputSize());
    float[] y = new float[s.steps() * s.batch() * recurrent.config().outputSize()];
    if (!training) {
      return () -> recurrent.forward(workspace, x, null, null, y, null);
    }
    float[] gradY = normal(y.length);
    float[] gradX = new float[x.length];
    return () -> {
      parameters.changed(); // as an optimizer does: the weights are packed again
      parameters.zeroGradients();
      recurrent.forward(workspace, x, null, null, y, null);
      recurrent.backward(workspace, x, gradY, null, gradX, null);
    };
  }

  private static Runnable gemm(int rows, int k, int columns) {
    Parameters parameters = new Parameters();
    Linear product = new Linear(parameters, "", k, columns, false);
    System.arraycopy(normal(k * columns), 0, parameters.values(), 0, k * columns);
    parameters.changed();
    float[] a = normal(rows * k);
    float[] c = new float[rows * columns];
    return () -> product.forward(Team.single(), rows, a, c);
  }

  private static Runnable activations(int size) {
    float[] source = normal(size);
    float[] x = new float[size];
    return () -> {
      System.arraycopy(source, 0, x, 0, size);
      Activations.tanh(x, 0, size);
      System.arraycopy(source, 0, x, 0, size);
      Activations.sigmoid(x, 0, size);
      System.arraycopy(source, 0, x, 0, size);
      Activations.exp(x, 0, size);
    };
  }

  private static Runnable softmax(int rows, int classes) {
    float[] source = normal(rows * classes);
    float[] logits = new float[source.length];
    int[] targets = new int[rows];
    for (int r = 0; r < rows; r++) {
      targets[r] = 7 * r % classes;
    }
    SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(rows, classes, Team.single());
    return () -> {
      System.arraycopy(source, 0, logits, 0, source.length); // the loss overwrites its logits
      loss.forward(logits, targets);
    };
  }

  private static float[] normal(int size) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
