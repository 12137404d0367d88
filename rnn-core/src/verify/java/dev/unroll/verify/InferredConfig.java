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
 */
final class InferredConfig {
  private InferredConfig() {}

  /** The stack whose parameters are the tensors with this prefix. */
  static RecurrentConfig of(Safetensors file, String prefix) {
    int layers = 0;
    while (file.tensors().containsKey(prefix + "weight_ih_l" + layers)) {
      layers++;
    }
    int inputSize = Golden.shape(file, prefix + "weight_ih_l0", 2).get(1);
    List<Integer> hh = Golden.shape(file, prefix + "weight_hh_l0", 2);
    boolean projected = file.tensors().containsKey(prefix + "weight_hr_l0");
    int hidden = projected ? Golden.shape(file, prefix + "weight_hr_l0", 2).get(1) : hh.get(1);
    return RecurrentConfig.of(cell(file.metadata(), hh.get(0) / hidden), inputSize, hidden)
        .withNumLayers(layers)
        .withBias(file.tensors().containsKey(prefix + "bias_ih_l0"))
        .withBidirectional(file.tensors().containsKey(prefix + "weight_ih_l0_reverse"))
        .withProjSize(projected ? hh.get(1) : 0);
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
