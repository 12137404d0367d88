package dev.unroll.verify;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StatePart;
import dev.unroll.io.Safetensors;
import dev.unroll.io.StateDict;
import dev.unroll.io.Tensor;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.WeightFormat;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent stack's outputs and gradients. Tensors: {@code x [T,B,I]}, {@code h0}, {@code c0},
 * {@code lengths [B]} and the parameters under PyTorch's names; {@code y}, {@code h_n}, {@code
 * c_n}; {@code grad_y}, {@code grad_h_n}, {@code grad_c_n} and the gradients {@code grad.NAME} of
 * the scalar sum(y·grad_y) + sum(h_n·grad_h_n) + sum(c_n·grad_c_n). States, lengths and gradients
 * may be absent: zeros, full lengths, not compared. {@link OneLayerFile} is another form of it.
 */
final class LayerCase {
  private static final double TOLERANCE = 1e-5;

  private LayerCase() {}

  static Verdict verify(String name, Safetensors file) {
    RecurrentConfig config = config(file);
    List<Integer> shape = file.shape("x", 3);
    int steps = shape.get(0);
    int batch = shape.get(1);
    Golden.requireModest(config, steps, batch, 0);
    Safetensors golden = withLayers(file, config);
    Recurrent recurrent = network(golden, config);
    Parameters parameters = recurrent.parameters();

    float[] x = Golden.floats(golden, "x", steps, batch, config.inputSize());
    float[] y = new float[steps * batch * config.outputSize()];
    float[] gradX = new float[x.length];
    State last = State.zeros(config, batch);
    State gradInitial = State.zeros(config, batch);
    var workspace = recurrent.workspace(steps, batch, true);
    recurrent.forward(
        workspace, x, state(golden, "%s0", config, batch), lengths(golden, steps, batch), y, last);

    Verdict.Builder verdict = new Verdict.Builder();
    verdict.tensor("outputs", "y", golden.tensor("y").doubles(), y, TOLERANCE);
    for (int i = 0; i < last.states().size(); i++) {
      compare(verdict, "states", golden, last.states().get(i).name() + "_n", last.part(i));
    }

    Map<String, float[]> gradients = new LinkedHashMap<>();
    if (golden.tensors().keySet().stream().anyMatch(key -> key.startsWith("grad."))) {
      parameters.zeroGradients();
      recurrent.backward(
          workspace,
          x,
          golden.tensors().containsKey("grad_y")
              ? Golden.floats(golden, "grad_y", steps, batch, config.outputSize())
              : new float[y.length],
          state(golden, "grad_%s_n", config, batch),
          gradX,
          gradInitial);
      for (Slice slice : parameters.slices()) {
        int end = slice.offset() + slice.size();
        gradients.put(
            slice.name(), Arrays.copyOfRange(parameters.gradients(), slice.offset(), end));
      }
      gradients.forEach(
          (key, value) -> compare(verdict, "parameter gradients", golden, "grad." + key, value));
      gradients.put("x", gradX);
      compare(verdict, "input gradients", golden, "grad.x", gradX);
      for (int i = 0; i < last.states().size(); i++) {
        String key = last.states().get(i).name() + "0";
        gradients.put(key, gradInitial.part(i));
        compare(verdict, "state gradients", golden, "grad." + key, gradInitial.part(i));
      }
    }
    requireKnown(golden, gradients);
    return verdict.build(name, "");
  }

  /**
   * {@return the largest difference of y from the file's, relative to the largest output, where
   * weights are rounded}
   */
  static double outputError(Safetensors file, WeightFormat format) {
    RecurrentConfig config = config(file);
    Safetensors golden = withLayers(file, config);
    List<Integer> shape = golden.shape("x", 3);
    int steps = shape.get(0);
    int batch = shape.get(1);
    Recurrent recurrent = network(golden, config).withWeights(format);
    float[] y = new float[steps * batch * config.outputSize()];
    recurrent.forward(
        recurrent.workspace(steps, batch, false),
        golden.tensor("x").floats(),
        state(golden, "%s0", config, batch),
        lengths(golden, steps, batch),
        y,
        null);
    double[] expected = golden.tensor("y").doubles();
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < y.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs(y[i] - expected[i]));
    }
    return worst / largest;
  }

  private static RecurrentConfig config(Safetensors file) {
    return OneLayerFile.is(file)
        ? OneLayerFile.config(file)
        : new StateDict(file).recurrentConfig("");
  }

  private static Safetensors withLayers(Safetensors file, RecurrentConfig config) {
    return OneLayerFile.is(file)
        ? OneLayerFile.withLayers(file, config, file.shape("x", 3).get(1))
        : file;
  }

  private static Recurrent network(Safetensors golden, RecurrentConfig config) {
    Recurrent recurrent = new Recurrent(config);
    Map<String, Tensor> tensors = new LinkedHashMap<>(golden.tensors());
    tensors.keySet().removeIf(key -> !key.matches(".*_l\\d+(_reverse)?") || key.startsWith("grad"));
    new StateDict(new Safetensors(tensors, Map.of())).loadInto(recurrent.parameters());
    return recurrent;
  }

  private static void compare(
      Verdict.Builder verdict, String group, Safetensors golden, String name, float[] actual) {
    if (golden.tensors().containsKey(name)) {
      verdict.tensor(group, name, golden.tensor(name).doubles(), actual, TOLERANCE);
    }
  }

  /** The parts whose tensors are there under a name such as {@code "%s0"}, zeros for the others. */
  private static @Nullable State state(
      Safetensors golden, String name, RecurrentConfig config, int batch) {
    int rows = config.numLayers() * config.numDirections();
    State state = State.zeros(config, batch);
    boolean any = false;
    for (StatePart part : state.states()) {
      String key = name.formatted(part.name());
      if (golden.tensors().containsKey(key)) {
        any = true;
        float[] values = Golden.floats(golden, key, rows, batch, config.width(part));
        System.arraycopy(values, 0, state.part(part.name()), 0, values.length);
      }
    }
    return any ? state : null;
  }

  private static int @Nullable [] lengths(Safetensors golden, int steps, int batch) {
    if (!golden.tensors().containsKey("lengths")) {
      return null;
    }
    return Golden.ints(golden, "lengths", 1, steps, batch);
  }

  /** A recorded gradient that nothing was compared with would pass in silence. */
  private static void requireKnown(Safetensors golden, Map<String, float[]> gradients) {
    for (String key : golden.tensors().keySet()) {
      if (key.startsWith("grad.") && !gradients.containsKey(key.substring("grad.".length()))) {
        throw new IllegalArgumentException("Tensor '" + key + "' is no gradient of this layer.");
      }
    }
  }
}
