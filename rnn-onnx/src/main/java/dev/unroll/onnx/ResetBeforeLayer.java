package dev.unroll.onnx;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A direction of a GRU whose reset gate acts on the state before the recurrent product, as in Cho
 * 2014 and with {@code linear_before_reset = 0}. Each step then has a second product, which no cell
 * has, so this runs forward only, step by step, the products for the whole batch:
 *
 * <pre>
 * z, r = f(W x_t + Wb + R h_(t-1) + Rb)
 * n    = g(W_h x_t + Wb_h + R_h (r * h_(t-1)) + Rb_h)
 * h_t  = (1 - z) * n + z * h_(t-1)
 * </pre>
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__GRU.html">the specification</a>
 */
final class ResetBeforeLayer implements DirectionLayer {
  private final List<Activation> activations;
  private final float clip;
  private final int hidden;

  /** W for all gates, R for z and r, R for n. */
  private final Product input = new Product();

  private final Product gates = new Product();
  private final Product candidate = new Product();

  ResetBeforeLayer(List<Activation> activations, float clip, int hiddenSize) {
    this.activations = activations;
    this.clip = clip;
    hidden = hiddenSize;
  }

  @Override
  public void load(Weights weights, int direction, Memory memory) {
    int inputSize = weights.inputSize();
    int w0 = direction * 3 * hidden;
    int b0 = direction * 6 * hidden;
    Value b = weights.b();
    float[] w = weights.w().floats;
    float[] r = weights.r().floats;
    load(input, inputSize, w, w0, 3 * hidden, b, b0, memory);
    load(gates, hidden, r, w0, 2 * hidden, b, b0 + 3 * hidden, memory);
    load(candidate, hidden, r, w0 + 2 * hidden, hidden, b, b0 + 5 * hidden, memory);
  }

  private static void load(
      Product product,
      int width,
      float[] matrix,
      int row,
      int rows,
      @Nullable Value bias,
      int b0,
      Memory memory) {
    product.load(
        rows,
        width,
        Arrays.copyOfRange(matrix, row * width, (row + rows) * width),
        bias == null ? null : Arrays.copyOfRange(bias.floats, b0, b0 + rows),
        memory);
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
    float[] fromInput = memory.floats((long) steps * batch * 3 * hidden);
    float[] fromState = memory.floats((long) batch * 2 * hidden);
    float[] resetState = memory.floats((long) batch * hidden);
    float[] fromReset = memory.floats((long) batch * hidden);
    input.run(steps * batch, x, fromInput);
    for (int t = 0; t < steps; t++) {
      gates.run(batch, h, fromState);
      for (int b = 0; b < batch; b++) {
        int in = (t * batch + b) * 3 * hidden;
        for (int u = 0; u < hidden; u++) {
          int state = b * 2 * hidden + u;
          float r = f(fromInput[in + hidden + u] + fromState[state + hidden]);
          resetState[b * hidden + u] = r * h[b * hidden + u];
          fromState[state] = f(fromInput[in + u] + fromState[state]);
        }
      }
      candidate.run(batch, resetState, fromReset);
      for (int b = 0; b < batch; b++) {
        int in = (t * batch + b) * 3 * hidden;
        int out = (t * batch + b) * hidden;
        for (int u = 0; u < hidden && t < lengths[b]; u++) {
          int i = b * hidden + u;
          float z = fromState[b * 2 * hidden + u];
          float n = activations.get(1).of(fromInput[in + 2 * hidden + u] + fromReset[i], clip);
          h[i] = (1 - z) * n + z * h[i];
          y[out + u] = h[i];
        }
      }
    }
  }

  private float f(float sum) {
    return activations.get(0).of(sum, clip);
  }
}
