package dev.unroll.train;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Gemm;
import dev.unroll.kernel.OuterProducts;
import dev.unroll.kernel.Panels;
import dev.unroll.kernel.WeightGradient;
import dev.unroll.run.Team;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * y = x·weightᵀ + bias, as {@code torch.nn.Linear}. R rows, I inputs, O outputs. Weights are packed
 * when they have changed; only a call with more rows or threads than any before it allocates. Not
 * thread-safe. A team of any size gives the same bits.
 */
public final class Linear {
  private final Parameters parameters;
  private final Slice weight;
  private final @Nullable Slice bias;
  private final int inputSize;
  private final int outputSize;
  private final Panels forwardPanels;
  private final Panels backwardPanels;
  private long forwardVersion = -1;
  private long backwardVersion = -1;
  private int maxRows;
  private WeightGradient weightGradient;

  // The arguments of the call in progress. In fields, because a lambda that captures them would
  // be allocated at each call.
  private final Team.Task forwardPart = this::forwardPart;
  private final Team.Task inputPart = this::inputPart;
  private final Team.Task weightPart = this::weightPart;
  private float[][] scratch = {};
  private OuterProducts[] sums = {};
  private int workers;
  private int rows;
  private float[] x = {};
  private float[] y = {};
  private float[] dx = {};

  /**
   * Adds {@code weight [O, I]} and, if wanted, {@code bias [O]} to the parameters, as zeros.
   *
   * @param parameters what they are added to
   * @param prefix what the names begin with, e.g. {@code fc.}
   * @param inputSize I
   * @param outputSize O
   * @param bias whether there is a bias
   */
  public Linear(Parameters parameters, String prefix, int inputSize, int outputSize, boolean bias) {
    this.parameters = parameters;
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    weight = parameters.add(prefix + "weight", outputSize, inputSize);
    this.bias = bias ? parameters.add(prefix + "bias", outputSize) : null;
    forwardPanels = new Panels(inputSize, outputSize);
    backwardPanels = new Panels(outputSize, inputSize);
    weightGradient = new WeightGradient(0, outputSize);
  }

  /** {@return I} */
  public int inputSize() {
    return inputSize;
  }

  /** {@return O} */
  public int outputSize() {
    return outputSize;
  }

  /** {@return the parameter {@code weight [O, I]}} */
  public Slice weight() {
    return weight;
  }

  /** {@return the parameter {@code bias [O]}, null without one} */
  public @Nullable Slice bias() {
    return bias;
  }

  /**
   * Computes the outputs.
   *
   * @param team the threads
   * @param rows R
   * @param x {@code [R, I]}
   * @param y {@code [R, O]}, written
   */
  public void forward(Team team, int rows, float[] x, float[] y) {
    pack();
    this.rows = rows;
    this.x = x;
    this.y = y;
    prepare(team);
    team.run(forwardPart);
  }

  /** Packs the weight of the forward pass if it has changed. */
  void pack() {
    if (forwardVersion != parameters.version()) {
      forwardPanels.packTransposed(parameters.values(), weight.offset(), outputSize);
      forwardVersion = parameters.version();
    }
  }

  /** Allocates buffers for the threads of a team that is larger than any before it. */
  private void prepare(Team team) {
    workers = team.threads();
    if (scratch.length < workers) {
      scratch = new float[workers][];
      Arrays.setAll(scratch, i -> Gemm.scratch());
    }
  }

  private void forwardPart(int worker) {
    int from = bound(worker);
    forward(from, bound(worker + 1) - from, x, y, scratch[worker]);
  }

  /**
   * Computes some rows of the outputs; it reads no field that a call writes, so that threads may
   * call it side by side once the weight is packed.
   *
   * @param scratch {@link Gemm#scratch}, the caller's own
   */
  void forward(int from, int count, float[] x, float[] y, float[] scratch) {
    if (bias == null) {
      Arrays.fill(y, from * outputSize, (from + count) * outputSize, 0f);
    } else {
      for (int r = from; r < from + count; r++) {
        System.arraycopy(parameters.values(), bias.offset(), y, r * outputSize, outputSize);
      }
    }
    product(from, count, x, inputSize, forwardPanels, y, outputSize, scratch);
  }

  /**
   * Adds the gradients of weight and bias and computes that of the inputs.
   *
   * @param team the threads
   * @param rows R
   * @param x {@code [R, I]}, as in forward
   * @param dy {@code [R, O]}, the gradient of y
   * @param dx {@code [R, I]}, the gradient of x, written; null where it is not wanted
   */
  public void backward(Team team, int rows, float[] x, float[] dy, float @Nullable [] dx) {
    this.rows = rows;
    this.x = x;
    this.y = dy;
    prepare(team);
    if (rows > maxRows) {
      maxRows = rows;
      weightGradient = new WeightGradient(rows, outputSize);
    }
    if (sums.length < workers) {
      sums = new OuterProducts[workers];
      Arrays.setAll(sums, i -> new OuterProducts(inputSize, weightGradient.groups(), workers));
    }
    weightGradient.load(dy, 0, outputSize, rows);
    team.run(weightPart);
    if (dx != null) {
      if (backwardVersion != parameters.version()) {
        backwardPanels.pack(parameters.values(), weight.offset(), inputSize);
        backwardVersion = parameters.version();
      }
      this.dx = dx;
      team.run(inputPart);
    }
  }

  /** Each worker owns some groups of outputs and walks over all rows in order. */
  private void weightPart(int worker) {
    for (int call = worker; call < sums[worker].calls(); call += workers) {
      weightGradient.add(
          parameters.gradients(),
          weight.offset(),
          bias == null ? -1 : bias.offset(),
          x,
          0,
          inputSize,
          rows,
          sums[worker],
          call);
    }
  }

  private void inputPart(int worker) {
    int from = bound(worker);
    int count = bound(worker + 1) - from;
    Arrays.fill(dx, from * inputSize, (from + count) * inputSize, 0f);
    product(from, count, y, outputSize, backwardPanels, dx, inputSize, scratch[worker]);
  }

  /** c += a·panels for some rows of row-major a and c. */
  private static void product(
      int from, int count, float[] a, int k, Panels panels, float[] c, int n, float[] scratch) {
    Gemm.multiplyRows(c, from * n, a, from * k, k, panels, count, n, scratch);
  }

  /** A worker's first row; a multiple of 12, so that few of {@link Gemm}'s tiles of 6 are cut. */
  private int bound(int worker) {
    return worker == workers ? rows : (int) ((long) rows * worker / workers) / 12 * 12;
  }
}
