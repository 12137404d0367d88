package dev.unroll.train;

import dev.unroll.kernel.Activations;
import dev.unroll.run.Team;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The mean of -log softmax(logits)[target] over the rows that have a target, in nats, with its
 * gradient. A target of {@value #MASKED} or PyTorch's {@value #IGNORE_INDEX} masks its row. Calls
 * allocate nothing. Not thread-safe. A team of any size gives the same bits.
 */
public final class SoftmaxCrossEntropy {
  /** The target of a row that does not count. */
  public static final int MASKED = -1;

  /** PyTorch's default for such a target. */
  public static final int IGNORE_INDEX = -100;

  private final int rows;
  private final int classes;
  private final Team team;
  private final double[] rowLoss;
  private final int[] predictions;

  /** For each thread a row, where the gradient is not wanted. */
  private final float[][] rowOf;

  private final Team.Task part = this::part;
  private float[] logits = {};
  private float @Nullable [] gradient;
  private int[] targets = {};
  private int all;
  private int count;
  private int correct;

  /**
   * Makes the buffers.
   *
   * @param rows R, largest number of rows
   * @param classes V
   * @param team the threads
   */
  public SoftmaxCrossEntropy(int rows, int classes, Team team) {
    this.rows = rows;
    this.classes = classes;
    this.team = team;
    rowLoss = new double[rows];
    predictions = new int[rows];
    rowOf = new float[team.threads()][classes];
  }

  /**
   * Computes the loss and turns the logits into their gradient.
   *
   * @param logits {@code [R, V]}; afterwards the gradient of the loss, zero in masked rows
   * @param targets {@code [R]}, each in 0..V-1 or masked
   * @return the mean loss, 0 if every row is masked
   * @throws IllegalArgumentException if a target is out of range; the logits are untouched then
   */
  public double forward(float[] logits, int[] targets) {
    return forward(logits, targets, logits);
  }

  /**
   * Computes the loss and, if wanted, its gradient.
   *
   * @param logits {@code [R, V]}
   * @param targets {@code [R]}, each in 0..V-1 or masked
   * @param gradient {@code [R, V]}, the gradient to the logits, written, zero in masked rows; may
   *     be the array of the logits; null where it is not wanted
   * @return the mean loss, 0 if every row is masked
   * @throws IllegalArgumentException if a target is out of range; nothing is written then
   */
  public double forward(float[] logits, int[] targets, float @Nullable [] gradient) {
    int real = 0;
    for (int r = 0; r < rows; r++) {
      real += targets[r] >= 0 ? 1 : 0;
    }
    double sum = sum(logits, targets, gradient, real);
    return real == 0 ? 0 : sum / real;
  }

  /**
   * Computes the sum of the losses of rows that are a part of a batch.
   *
   * @param all the rows with a target in the whole batch, whose mean the gradient is of
   */
  double sum(float[] logits, int[] targets, float @Nullable [] gradient, int all) {
    int real = 0;
    for (int r = 0; r < rows; r++) {
      int target = targets[r];
      if (target >= classes || (target < 0 && target != MASKED && target != IGNORE_INDEX)) {
        throw new IllegalArgumentException(
            "Target "
                + r
                + " is "
                + target
                + ": 0 to "
                + (classes - 1)
                + " is expected, or -1 or -100 for a row that does not count.");
      }
      if (target >= 0) {
        real++;
      }
    }
    this.logits = logits;
    this.targets = targets;
    this.gradient = gradient;
    this.all = all;
    count = real;
    team.run(part);
    double sum = 0;
    correct = 0;
    for (int r = 0; r < rows; r++) {
      if (targets[r] >= 0) {
        sum += rowLoss[r];
        correct += predictions[r] == targets[r] ? 1 : 0;
      }
    }
    return sum;
  }

  private void part(int worker) {
    int workers = team.threads();
    int end = (int) ((long) rows * (worker + 1) / workers);
    for (int r = (int) ((long) rows * worker / workers); r < end; r++) {
      if (gradient == null) {
        row(r, rowOf[worker], 0);
      } else {
        row(r, gradient, r * classes);
      }
    }
  }

  /** A row's prediction and loss, and its gradient in {@code g} from {@code from} on. */
  @SuppressWarnings("ReferenceEquality") // whether they are one array
  private void row(int r, float[] g, int from) {
    if (g != logits) {
      System.arraycopy(logits, r * classes, g, from, classes);
    }
    int to = from + classes;
    predictions[r] = largest(g, from, classes);
    if (targets[r] < 0) {
      Arrays.fill(g, from, to, 0f);
      return;
    }
    int target = from + targets[r];
    float max = g[from + predictions[r]];
    double targetLogit = (double) g[target] - max;
    for (int i = from; i < to; i++) {
      g[i] -= max;
    }
    Activations.exp(g, from, classes);
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += g[i];
    }
    rowLoss[r] = StrictMath.log(sum) - targetLogit;
    float scale = (float) (1 / (sum * all));
    for (int i = from; i < to; i++) {
      g[i] *= scale;
    }
    g[target] -= 1f / all;
  }

  /** {@return which of some logits is the largest, the first of equals} */
  static int largest(float[] logits, int from, int classes) {
    int best = from;
    for (int i = from + 1; i < from + classes; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best - from;
  }

  /** {@return the number of rows with a target in the last call} */
  public int count() {
    return count;
  }

  /** {@return how many of them had their largest logit at the target} */
  public int correct() {
    return correct;
  }

  /** {@return the class of the largest logit of each row of the last call, the live array} */
  public int[] predictions() {
    return predictions;
  }
}
