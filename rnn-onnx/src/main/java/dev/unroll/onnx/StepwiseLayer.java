package dev.unroll.onnx;

import dev.unroll.onnx.RecurrentSpec.Direction;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A direction with what no cell of the library has: peepholes, coupled gates, clipping, other
 * activations, or a GRU whose reset gate acts before the recurrent product. Forward only, step by
 * step: two products for the whole batch, then the equations unit by unit in scalar code, which is
 * several times slower than a cell's.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__LSTM.html">the equations</a>
 */
final class StepwiseLayer implements DirectionLayer {
  private static final int I = 0;
  private static final int O = 1;
  private static final int F = 2;
  private static final int C = 3;
  private static final int Z = 0;
  private static final int R = 1;
  private static final int N = 2;

  private final RecurrentSpec spec;
  private final int inputSize;
  private final int hiddenSize;
  private final int rows;
  private final Activation f;
  private final Activation g;
  private final Activation last;
  private final Product input = new Product();
  private final Product hidden = new Product();

  /** The recurrent product of a GRU's third gate, where it is one of its own. */
  private final Product candidate = new Product();

  /** Peepholes of i, o, f. */
  private float @Nullable [] peepholes;

  StepwiseLayer(RecurrentSpec spec, Direction direction, int inputSize, int hiddenSize) {
    this.spec = spec;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    rows = spec.kind().gates() * hiddenSize;
    f = direction.activations().getFirst();
    g = direction.activations().get(Math.min(1, direction.activations().size() - 1));
    last = direction.activations().getLast();
  }

  /** {@return whether the reset gate acts on the state, so that a step has a second product} */
  private boolean resetsBefore() {
    return spec.kind() == Kind.GRU && !spec.linearBeforeReset();
  }

  @Override
  public void load(
      float[] w,
      int w0,
      float[] r,
      int r0,
      float @Nullable [] b,
      int b0,
      float @Nullable [] p,
      int p0,
      Memory memory) {
    float[] wb = b == null ? null : Arrays.copyOfRange(b, b0, b0 + rows);
    float[] rb = b == null ? null : Arrays.copyOfRange(b, b0 + rows, b0 + 2 * rows);
    float[] weight = Arrays.copyOfRange(w, w0, w0 + rows * inputSize);
    input.load(rows, inputSize, weight, wb, memory);
    int together = resetsBefore() ? 2 * hiddenSize : rows;
    int split = r0 + together * hiddenSize;
    hidden.load(
        together,
        hiddenSize,
        Arrays.copyOfRange(r, r0, split),
        rb == null ? null : Arrays.copyOf(rb, together),
        memory);
    if (resetsBefore()) {
      candidate.load(
          hiddenSize,
          hiddenSize,
          Arrays.copyOfRange(r, split, r0 + rows * hiddenSize),
          rb == null ? null : Arrays.copyOfRange(rb, together, rows),
          memory);
    }
    peepholes = p == null ? null : Arrays.copyOfRange(p, p0, p0 + 3 * hiddenSize);
  }

  @Override
  public void run(
      int steps,
      int batch,
      float[] x,
      int[] lengths,
      float[] h,
      float[] c,
      float[] y,
      Memory memory) {
    float[] fromInput = memory.floats((long) steps * batch * rows);
    input.run(steps * batch, x, fromInput);
    float[] fromHidden = memory.floats((long) batch * (resetsBefore() ? 2 * hiddenSize : rows));
    float[] reset = memory.floats(resetsBefore() ? (long) batch * hiddenSize : 0);
    float[] fromReset = memory.floats(reset.length);
    for (int t = 0; t < steps; t++) {
      hidden.run(batch, h, fromHidden);
      if (resetsBefore()) {
        reset(batch, fromInput, t * batch * rows, fromHidden, h, reset);
        candidate.run(batch, reset, fromReset);
      }
      for (int b = 0; b < batch; b++) {
        int to = (t * batch + b) * hiddenSize;
        if (t >= lengths[b]) {
          Arrays.fill(y, to, to + hiddenSize, 0f);
          continue;
        }
        int a = (t * batch + b) * rows;
        switch (spec.kind()) {
          case RNN -> rnn(fromInput, a, fromHidden, b, h);
          case LSTM -> lstm(fromInput, a, fromHidden, b, h, c);
          case GRU -> {
            if (resetsBefore()) {
              gru(fromInput, a, fromHidden, b * 2 * hiddenSize, fromReset, b * hiddenSize, b, h);
            } else {
              resetAfter(fromInput, a, fromHidden, b * rows);
              gru(fromInput, a, fromHidden, b * rows, fromHidden, b * rows + N * hiddenSize, b, h);
            }
          }
        }
        System.arraycopy(h, b * hiddenSize, y, to, hiddenSize);
      }
    }
  }

  private float gate(Activation activation, float sum) {
    return activation.of(Math.max(-spec.clip(), Math.min(spec.clip(), sum)));
  }

  private void rnn(float[] fromInput, int a, float[] fromHidden, int b, float[] h) {
    for (int u = 0; u < hiddenSize; u++) {
      int i = b * hiddenSize + u;
      h[i] = gate(f, fromInput[a + u] + fromHidden[i]);
    }
  }

  /** h(C) is not clipped, as in ONNX Runtime: what the cell holds is no sum of inputs. */
  private void lstm(float[] fromInput, int a, float[] fromHidden, int b, float[] h, float[] c) {
    for (int u = 0; u < hiddenSize; u++) {
      int cell = b * hiddenSize + u;
      int q = b * rows + u;
      float before = c[cell];
      float i = gate(f, sum(fromInput, a + u, fromHidden, q, I, before));
      float forget = spec.inputForget() ? 1 - i : gate(f, sum(fromInput, a + u, fromHidden, q, F, before));
      int at = C * hiddenSize;
      float after = forget * before + i * gate(g, fromInput[a + u + at] + fromHidden[q + at]);
      float o = gate(f, sum(fromInput, a + u, fromHidden, q, O, after));
      c[cell] = after;
      h[cell] = o * last.of(after);
    }
  }

  /** The sum of a gate of an LSTM that may see the cell state. */
  private float sum(float[] fromInput, int a, float[] fromHidden, int q, int gate, float cell) {
    int at = gate * hiddenSize;
    float sum = fromInput[a + at] + fromHidden[q + at];
    // The unit is what a is beyond a row.
    return peepholes == null ? sum : sum + peepholes[at + a % hiddenSize] * cell;
  }
}
