package dev.unroll.onnx;

import dev.unroll.cell.Cell;
import dev.unroll.onnx.RecurrentSpec.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operators RNN, LSTM and GRU. Weights are packed when others come than the time before: once
 * where they are constants. A sequence of length 0 keeps its initial state.
 */
final class RecurrentOperator implements Operator {
  private final RecurrentSpec spec;
  private final List<DirectionLayer> layers = new ArrayList<>();
  private @Nullable Weights loaded;

  RecurrentOperator(Node node) {
    spec = RecurrentSpec.of(node);
  }

  RecurrentSpec spec() {
    return spec;
  }

  @Override
  public List<Value> run(Inputs in, Memory memory) {
    Value x = in.get(0);
    if (!x.isFloat() || x.rank() != 3) {
      throw new IllegalArgumentException(
          "has X of " + x + ", but must have floats of 3 dimensions");
    }
    Weights weights = Weights.of(spec, in.get(1), in.get(2), in.optional(3), in.optional(7));
    Value timeMajor = spec.batchFirst() ? x.transpose(new int[] {1, 0, 2}, memory) : x;
    int steps = timeMajor.shape[0];
    int batch = timeMajor.shape[1];
    Weights.require("X", timeMajor, steps, batch, weights.inputSize());
    int hidden = weights.hiddenSize();
    int directions = spec.directions().size();
    int[] lengths = lengths(in.optional(4), steps, batch);
    int cells = spec.kind() == Kind.LSTM ? hidden : 0;
    float[][] h = initial("initial_h", in.optional(5), batch, hidden, memory);
    float[][] c = initial("initial_c", in.optional(6), batch, cells, memory);
    load(weights, memory);

    float[] y = memory.floats((long) steps * directions * batch * hidden);
    boolean inPlace = directions == 1 && !spec.directions().getFirst().reverse();
    float[] one = inPlace ? y : memory.floats(y.length / directions);
    for (int d = 0; d < directions && one.length > 0; d++) {
      boolean reverse = spec.directions().get(d).reverse();
      float[] forward = timeMajor.floats;
      if (reverse) {
        forward = memory.floats(forward.length);
        reverse(timeMajor.floats, steps, batch, weights.inputSize(), lengths, forward);
      }
      Arrays.fill(one, 0f);
      layers.get(d).run(steps, batch, forward, lengths, h[d], c[d], one, memory);
      float[] ordered = one;
      if (reverse) {
        ordered = memory.floats(one.length);
        reverse(one, steps, batch, hidden, lengths, ordered);
      }
      for (int t = 0; t < steps && !inPlace; t++) {
        System.arraycopy(
            ordered, t * batch * hidden, y, (t * directions + d) * batch * hidden, batch * hidden);
      }
    }
    Value all = Value.of(x.type, y, steps, directions, batch, hidden);
    return List.of(
        spec.batchFirst() ? all.transpose(new int[] {2, 0, 1, 3}, memory) : all,
        state(x, h, batch, hidden, memory),
        state(x, c, batch, cells, memory));
  }

  private void load(Weights weights, Memory memory) {
    Weights before = loaded;
    if (before != null && weights.same(before)) {
      return;
    }
    loaded = null;
    boolean fits =
        before != null
            && before.inputSize() == weights.inputSize()
            && before.hiddenSize() == weights.hiddenSize();
    if (!fits) {
      layers.clear();
      for (Direction direction : spec.directions()) {
        layers.add(layer(direction, weights, memory));
      }
    }
    for (int d = 0; d < layers.size(); d++) {
      layers.get(d).load(weights, d, memory);
    }
    loaded = weights;
  }

  private DirectionLayer layer(Direction direction, Weights weights, Memory memory) {
    Cell cell = spec.cell(direction);
    return cell == null
        ? new ResetBeforeLayer(direction.activations(), spec.clip(), weights.hiddenSize())
        : new RecurrentLayer(
            spec.kind(),
            cell,
            weights.inputSize(),
            weights.hiddenSize(),
            weights.b() != null,
            memory);
  }

  private static int[] lengths(@Nullable Value value, int steps, int batch) {
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    if (value == null) {
      return lengths;
    }
    if (value.isFloat() || value.rank() != 1 || value.size() != batch) {
      throw new IllegalArgumentException(
          "has sequence_lens of " + value + ", but must have " + batch + " integers");
    }
    for (int b = 0; b < batch; b++) {
      long length = value.longs[b];
      if (length < 0 || length > steps) {
        throw new IllegalArgumentException(
            "has sequence_lens[" + b + "] = " + length + ", but must have 0 to " + steps);
      }
      lengths[b] = (int) length;
    }
    return lengths;
  }

  /** {@return a copy for each direction, zeros where nothing is given} */
  private float[][] initial(
      String name, @Nullable Value value, int batch, int width, Memory memory) {
    int directions = spec.directions().size();
    float[][] states = new float[directions][];
    if (value != null && spec.batchFirst()) {
      Weights.require(name, value, batch, directions, width);
    } else if (value != null) {
      Weights.require(name, value, directions, batch, width);
    }
    for (int d = 0; d < directions; d++) {
      states[d] = memory.floats((long) batch * width);
      for (int b = 0; b < batch && value != null; b++) {
        int row = spec.batchFirst() ? b * directions + d : d * batch + b;
        System.arraycopy(value.floats, row * width, states[d], b * width, width);
      }
    }
    return states;
  }

  private Value state(Value like, float[][] states, int batch, int hidden, Memory memory) {
    int directions = states.length;
    float[] values = memory.floats((long) directions * batch * hidden);
    for (int d = 0; d < directions; d++) {
      System.arraycopy(states[d], 0, values, d * batch * hidden, batch * hidden);
    }
    Value all = Value.of(like.type, values, directions, batch, hidden);
    return spec.batchFirst() ? all.transpose(new int[] {1, 0, 2}, memory) : all;
  }

  /** Reverses each sequence within its length; what lies past it stays zero. */
  private static void reverse(
      float[] from, int steps, int batch, int width, int[] lengths, float[] to) {
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        if (t < lengths[b]) {
          int source = ((lengths[b] - 1 - t) * batch + b) * width;
          System.arraycopy(from, source, to, (t * batch + b) * width, width);
        }
      }
    }
  }
}
