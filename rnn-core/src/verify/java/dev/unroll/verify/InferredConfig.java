package dev.unroll.verify;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.io.Safetensors;
import dev.unroll.run.RecurrentConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The configuration of a saved recurrent stack. The names and shapes of its tensors tell layers,
 * directions, sizes, biases, projection and the number of gates; of what they cannot tell, the
 * metadata may say {@code cell} and {@code nonlinearity}.
 *
 * <p>The file must have as many elements as the stack has parameters, and what the passes need may
 * be no more than {@value #MOST} floats, 256 MB: shapes of a small file can otherwise order any
 * amount of memory.
 */
final class InferredConfig {
  private static final int MOST = 1 << 26;

  private InferredConfig() {}

  /** The stack whose parameters are the tensors with this prefix. */
  static RecurrentConfig of(Safetensors file, String prefix) {
    int layers = 0;
    while (file.tensors().containsKey(prefix + "weight_ih_l" + layers)) {
      layers++;
    }
    int inputSize = file.shape(prefix + "weight_ih_l0", 2).get(1);
    List<Integer> hh = file.shape(prefix + "weight_hh_l0", 2);
    boolean projected = file.tensors().containsKey(prefix + "weight_hr_l0");
    int hidden = projected ? file.shape(prefix + "weight_hr_l0", 2).get(1) : hh.get(1);
    RecurrentConfig config =
        RecurrentConfig.of(cell(file.metadata(), hh.get(0) / hidden), inputSize, hidden)
            .withNumLayers(layers)
            .withBias(file.tensors().containsKey(prefix + "bias_ih_l0"))
            .withBidirectional(file.tensors().containsKey(prefix + "weight_ih_l0_reverse"))
            .withProjSize(projected ? hh.get(1) : 0);
    file.requireElements(config.parameterCount());
    return config;
  }

  /**
   * Checks the memory that training passes need: packed weights, gates, states and logits, about.
   *
   * @param classes of a readout, 0 for none
   */
  static void requireModest(RecurrentConfig config, int steps, int batch, int classes) {
    double units = padded(config.hiddenSize());
    double outputs = padded(config.outputSize());
    double weights = 8 * units * (Math.max(padded(config.inputSize()), outputs) + outputs);
    double rows = (double) steps * batch;
    double layers = (double) config.numLayers() * config.numDirections();
    double floats =
        layers * (weights + rows * (8 * units + outputs))
            + 2.0 * classes * rows
            + 2 * padded(classes) * outputs;
    if (floats > MOST) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "It orders about %.0f MB for %d layers of %d units over %d steps of %d sequences, but"
                  + " a golden file may order %d MB: use a smaller case.",
              floats * Float.BYTES / (1 << 20),
              config.numLayers(),
              config.hiddenSize(),
              steps,
              batch,
              MOST / (1 << 20) * Float.BYTES));
    }
  }

  /** To whole groups of the kernels' columns. */
  private static double padded(int columns) {
    return Math.ceil(columns / 64.0) * 64;
  }

  private static Cell cell(Map<String, String> metadata, int gates) {
    String named = metadata.getOrDefault("cell", gates == 4 ? "lstm" : gates == 3 ? "gru" : "rnn");
    String cell = named.toLowerCase(Locale.ROOT);
    if (cell.equals("rnn")) {
      cell = "rnn_" + metadata.getOrDefault("nonlinearity", "tanh").toLowerCase(Locale.ROOT);
    }
    return Cells.named(cell);
  }
}
