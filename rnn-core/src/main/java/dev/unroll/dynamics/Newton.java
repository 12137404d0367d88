package dev.unroll.dynamics;

import dev.unroll.run.LinearScan;
import dev.unroll.run.Linearization;
import dev.unroll.run.Recurrent;
import dev.unroll.run.ScanForm;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A nonlinear recurrence evaluated for all of time at once: Newton's method on the equations s_t =
 * f(s_(t-1), x_t), t = 1 .. T, together (DEER, Lim et al. 2024, "Parallelizing non-linear
 * sequential models over the sequence length").
 *
 * <p>An iteration takes every step from the states that the iteration before found, all at once. To
 * first order, the change that the states still need is a linear recurrence, which it solves:
 *
 * <pre>
 * r_t = f(s_(t-1), x_t) - s_t
 * d_t = A_t d_(t-1) + r_t,   A_t = df/ds at s_(t-1)
 * s_t = s_t + d_t
 * </pre>
 *
 * <p>After i iterations at least the first i states are right, so that, apart from rounding, at
 * most T are needed; a recurrence that forgets needs a few for any T. A diagonal A (quasi-DEER)
 * makes an iteration cheap and the convergence linear. Damped (ELK, Gonzalez et al. 2024, "Towards
 * Scalable and Stable Parallelization of Nonlinear RNNs"), d is what a Kalman smoother finds: it
 * minimises
 *
 * <pre>sum over t of |d_t - A_t d_(t-1) - r_t|^2 + damping |d_t|^2</pre>
 *
 * <p>so that a step is only as long as the linear recurrence can be trusted.
 *
 * <p>Letters: T steps, n the size of the state, see {@link Linearization}. States and steps are
 * float, with the network's own kernels; the linear recurrence is in double, or float where A is
 * diagonal.
 */
public final class Newton {
  /** Steps of a block of the full linear recurrence. */
  private static final int BLOCK = 64;

  /** Which part of the Jacobian is used. */
  public enum Jacobian {
    /** All of it: DEER. */
    FULL,
    /** Its diagonal: quasi-DEER. */
    DIAGONAL
  }

  /** How a run ended. */
  public enum Outcome {
    /** The last change was within the tolerance. */
    CONVERGED,
    /** The iterations were used up. */
    EXHAUSTED,
    /** A value was no longer finite. */
    DIVERGED
  }

  /**
   * How to solve.
   *
   * @param jacobian which part of the Jacobian is used
   * @param scale what the Jacobian is multiplied by, 1 for all of it; 0 is Picard's iteration,
   *     which copies the states on by one step
   * @param damping 0 for plain Newton; else the weight on the length of a step, e.g. .1
   * @param reset whether values that are no longer finite go back to the first guess instead of
   *     ending the run as {@link Outcome#DIVERGED}
   * @param tolerance a run has converged when no element changes by more than this
   * @param maxIterations the most linear recurrences to solve
   * @param form how the undamped ones are solved: in blocks of steps that threads share, which for
   *     a full Jacobian multiplies n x n matrices, or step after step
   */
  public record Options(
      Jacobian jacobian,
      double scale,
      double damping,
      boolean reset,
      double tolerance,
      int maxIterations,
      ScanForm form) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the scale is not in [0, 1], damping is negative, or the
     *     tolerance or maxIterations is not positive
     */
    public Options {
      if (!(scale >= 0 && scale <= 1) || !(damping >= 0) || !(tolerance > 0) || maxIterations < 1) {
        throw new IllegalArgumentException(
            "scale is %s, damping %s, tolerance %s and maxIterations %d: 0 to 1, at least 0, above 0 and at least 1 are needed."
                .formatted(scale, damping, tolerance, maxIterations));
      }
    }

    /** {@return DEER: the full Jacobian, undamped, to 1e-5 in at most 1000 iterations} */
    public static Options deer() {
      return new Options(Jacobian.FULL, 1, 0, false, 1e-5, 1000, ScanForm.SERIAL);
    }

    /**
     * {@return these with another Jacobian}
     *
     * @param other the one to use
     */
    public Options withJacobian(Jacobian other) {
      return new Options(other, scale, damping, reset, tolerance, maxIterations, form);
    }

    /**
     * {@return these with another scale of the Jacobian}
     *
     * @param other what the Jacobian is multiplied by
     */
    public Options withScale(double other) {
      return new Options(jacobian, other, damping, reset, tolerance, maxIterations, form);
    }

    /**
     * {@return these with another damping}
     *
     * @param other at least 0
     */
    public Options withDamping(double other) {
      return new Options(jacobian, scale, other, reset, tolerance, maxIterations, form);
    }

    /**
     * {@return these with or without resetting}
     *
     * @param other whether what is not finite is reset
     */
    public Options withReset(boolean other) {
      return new Options(jacobian, scale, damping, other, tolerance, maxIterations, form);
    }

    /**
     * {@return these with another tolerance}
     *
     * @param other the largest change of the last iteration
     */
    public Options withTolerance(double other) {
      return new Options(jacobian, scale, damping, reset, other, maxIterations, form);
    }

    /**
     * {@return these with another limit}
     *
     * @param other at least 1
     */
    public Options withMaxIterations(int other) {
      return new Options(jacobian, scale, damping, reset, tolerance, other, form);
    }

    /**
     * {@return these with another form of the linear recurrence}
     *
     * @param other in blocks of steps, or step after step
     */
    public Options withForm(ScanForm other) {
      return new Options(jacobian, scale, damping, reset, tolerance, maxIterations, other);
    }
  }

  /**
   * What came out.
   *
   * @param outcome how the run ended
   * @param iterations linear recurrences solved, the last one, which confirmed the result, among
   *     them
   * @param change the largest change of an element in the last one
   * @param residual the largest element of f(s_(t-1), x_t) - s_t before it
   * @param states {@code [T, n]}: the parts of the state one after another, such as h, then c;
   *     right to the tolerance if converged
   */
  public record Solution(
      Outcome outcome, int iterations, double change, double residual, float[] states) {}

  /** Sees the states on their way to the solution. */
  @FunctionalInterface
  public interface Observer {
    /**
     * An iteration has ended.
     *
     * @param iteration counted from 1
     * @param states {@code [T, n]} as it left them; to be read only, and overwritten by the next
     */
    void after(int iteration, float[] states);
  }

  private final Linearization linear;
  private final Options options;
  private final Team team;
  private final int steps;
  private final int n;
  private final float[] x;
  private final float[] first;
  private final float @Nullable [] guess;

  /** The states so far, {@code [T, n]}, and the state before each of their steps. */
  private final float[] states;

  private final float[] before;
  private final float[] after;

  /** f - s, and the change, {@code [T, n]}. */
  private final double[] residual;

  private final double[] change;
  private double largestResidual;

  private Newton(
      Recurrent network,
      float[] x,
      int steps,
      @Nullable State initial,
      float @Nullable [] guess,
      Options options,
      Team team) {
    linear = new Linearization(network, steps, team);
    this.options = options;
    this.team = team;
    this.steps = steps;
    this.x = x;
    n = linear.size();
    first = new float[n];
    if (initial != null) {
      int at = 0;
      for (float[] part : initial.parts()) {
        System.arraycopy(part, 0, first, at, part.length);
        at += part.length;
      }
    }
    this.guess = guess;
    states = new float[steps * n];
    if (guess != null) {
      Sizes.check("guess", guess.length, (long) steps * n, "T * n");
      System.arraycopy(guess, 0, states, 0, states.length);
    }
    before = new float[steps * n];
    after = new float[steps * n];
    residual = new double[steps * n];
    change = new double[steps * n];
  }

  /**
   * Finds all states of a sequence, from zeros as the first guess.
   *
   * @param network one layer of a cell whose gates see the state before, in one direction, with one
   *     head, without projection
   * @param x {@code [T, I]}, one sequence
   * @param steps T
   * @param initial h_0, and c_0 and the like, of one sequence; null for zeros
   * @param options how
   * @param team the threads; results do not depend on it
   * @return the states and how the run ended; a run that does not converge is no error
   * @throws IllegalArgumentException if the network is another one or an array is too short
   */
  public static Solution solve(
      Recurrent network,
      float[] x,
      int steps,
      @Nullable State initial,
      Options options,
      Team team) {
    return solve(network, x, steps, initial, null, options, (iteration, states) -> {}, team);
  }

  /**
   * Finds all states of a sequence.
   *
   * @param network as in {@link #solve(Recurrent, float[], int, State, Options, Team)}
   * @param x {@code [T, I]}, one sequence
   * @param steps T
   * @param initial h_0, and c_0 and the like, of one sequence; null for zeros
   * @param guess the states to begin with, {@code [T, n]}, such as {@link #stepsFromZero} or the
   *     solution before the last training step; null for zeros
   * @param options how
   * @param observer called after each iteration
   * @param team the threads; results do not depend on it
   * @return the states and how the run ended; a run that does not converge is no error
   * @throws IllegalArgumentException if the network is another one or an array is too short
   */
  public static Solution solve(
      Recurrent network,
      float[] x,
      int steps,
      @Nullable State initial,
      float @Nullable [] guess,
      Options options,
      Observer observer,
      Team team) {
    return new Newton(network, x, steps, initial, guess, options, team).run(observer);
  }

  /**
   * Each step taken from the zero state, f(0, x_t): a first guess that has seen the input.
   *
   * @param network as in {@link #solve(Recurrent, float[], int, State, Options, Team)}
   * @param x {@code [T, I]}, one sequence
   * @param steps T
   * @param team the threads; results do not depend on it
   * @return {@code [T, n]}
   * @throws IllegalArgumentException if the network is another one or x is too short
   */
  public static float[] stepsFromZero(Recurrent network, float[] x, int steps, Team team) {
    Linearization linear = new Linearization(network, steps, team);
    float[] states = new float[steps * linear.size()];
    linear.evaluate(x, new float[states.length], states);
    return states;
  }

  private Solution run(Observer observer) {
    boolean modified = options.scale() < 1 || options.damping() > 0;
    for (int i = 1; i <= options.maxIterations(); i++) {
      evaluate();
      step();
      double largest = largest(change);
      if (modified && largest <= options.tolerance()) {
        // A shortened step is always small; only a whole one tells how far off the states are.
        solveLinear(1);
        largest = largest(change);
        if (!(largest <= options.tolerance())) {
          step();
        }
      }
      if (!Double.isFinite(largest) && !options.reset()) {
        return new Solution(Outcome.DIVERGED, i, largest, largestResidual, states);
      }
      for (int k = 0; k < states.length; k++) {
        float next = (float) (states[k] + change[k]);
        states[k] = Float.isFinite(next) ? next : guess == null ? 0f : guess[k];
      }
      observer.after(i, states);
      if (largest <= options.tolerance()) {
        return new Solution(Outcome.CONVERGED, i, largest, largestResidual, states);
      }
    }
    return new Solution(
        Outcome.EXHAUSTED, options.maxIterations(), largest(change), largestResidual, states);
  }

  private void step() {
    if (options.damping() > 0) {
      smooth();
    } else {
      solveLinear(options.scale());
    }
  }

  /** Takes all steps at once. */
  private void evaluate() {
    System.arraycopy(first, 0, before, 0, n);
    System.arraycopy(states, 0, before, n, (steps - 1) * n);
    linear.evaluate(x, before, after);
    for (int k = 0; k < states.length; k++) {
      residual[k] = (double) after[k] - states[k];
    }
    largestResidual = largest(residual);
  }

  /** {@return the largest magnitude; NaN if there is one} */
  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  // ---- d_t = A_t d_(t-1) + r_t ----

  private void solveLinear(double scale) {
    if (options.jacobian() == Jacobian.DIAGONAL) {
      float[] a = diagonals(scale);
      float[] d = new float[steps * n];
      for (int k = 0; k < d.length; k++) {
        d[k] = (float) residual[k];
      }
      new LinearScan(steps, n, team, options.form()).forward(a, d, null, d, 0);
      for (int k = 0; k < d.length; k++) {
        change[k] = d[k];
      }
    } else if (options.form() == ScanForm.SERIAL) {
      solve(0, steps, new double[n], scale);
    } else {
      solveInBlocks(scale);
    }
  }

  private float[] diagonals(double scale) {
    float[] a = new float[steps * n];
    team.run(
        worker -> {
          for (int t = share(steps, worker); t < share(steps, worker + 1); t++) {
            linear.diagonal(t, a, t * n);
          }
          for (int k = share(steps, worker) * n; k < share(steps, worker + 1) * n; k++) {
            a[k] *= (float) scale;
          }
        });
    return a;
  }

  private int share(int pieces, int worker) {
    return (int) ((long) pieces * worker / team.threads());
  }

  /**
   * Each block's map from the change before it to the change after it, matrix and offset; then the
   * changes between the blocks; then, from these, the changes in the blocks.
   */
  private void solveInBlocks(double scale) {
    int blocks = Math.ceilDiv(steps, BLOCK);
    double[][] product = new double[blocks][];
    double[][] carry = new double[blocks + 1][n];
    team.run(
        worker -> {
          double[] a = new double[n * n];
          for (int k = share(blocks, worker); k < share(blocks, worker + 1); k++) {
            int from = k * BLOCK;
            int to = Math.min(steps, from + BLOCK);
            solve(from, to, new double[n], scale);
            System.arraycopy(change, (to - 1) * n, carry[k + 1], 0, n);
            // The first block starts from no change, and nothing follows the last.
            if (k > 0 && k < blocks - 1) {
              product[k] = product(from, to, a, scale);
            }
          }
        });
    for (int k = 1; k < blocks - 1; k++) {
      addProduct(product[k], carry[k], carry[k + 1], 0);
    }
    team.run(
        worker -> {
          for (int k = share(blocks, worker); k < share(blocks, worker + 1); k++) {
            if (k > 0) {
              int from = k * BLOCK;
              solve(from, Math.min(steps, from + BLOCK), carry[k], scale);
            }
          }
        });
  }

  /** Steps from .. to from a given change before them. */
  private void solve(int from, int to, double[] start, double scale) {
    double[] d = start.clone();
    double[] product = new double[n];
    double[] room = new double[linear.room()];
    for (int t = from; t < to; t++) {
      linear.multiply(t, d, product, room);
      for (int j = 0; j < n; j++) {
        d[j] = residual[t * n + j] + scale * product[j];
      }
      System.arraycopy(d, 0, change, t * n, n);
    }
  }

  private void jacobian(int t, double[] a, double scale) {
    linear.jacobian(t, a);
    if (scale != 1) {
      for (int k = 0; k < n * n; k++) {
        a[k] *= scale;
      }
    }
  }

  /** sum[at ..] += a v. */
  private void addProduct(double[] a, double[] v, double[] sum, int at) {
    for (int i = 0; i < n; i++) {
      double s = 0;
      for (int k = 0; k < n; k++) {
        s += a[i * n + k] * v[k];
      }
      sum[at + i] += s;
    }
  }

  /** A_(to-1) ... A_from. */
  private double[] product(int from, int to, double[] a, double scale) {
    double[] p = new double[n * n];
    jacobian(from, p, scale);
    for (int t = from + 1; t < to; t++) {
      jacobian(t, a, scale);
      p = Matrices.multiply(a, p, n);
    }
    return p;
  }

  // ---- the damped change ----

  /**
   * A Kalman filter forward and the smoother of Rauch, Tung and Striebel back: d_t follows d_t =
   * A_t d_(t-1) + r_t with unit noise and is observed to be 0 with noise 1 / damping.
   */
  private void smooth() {
    if (options.jacobian() == Jacobian.DIAGONAL) {
      smoothDiagonal(options.damping());
    } else {
      smoothFull(options.damping());
    }
  }

  /** As many filters as units; threads share them. */
  private void smoothDiagonal(double damping) {
    float[] a = diagonals(options.scale());
    double[] predicted = new double[steps * n];
    double[] variance = new double[steps * n];
    team.run(
        worker -> {
          for (int j = share(n, worker); j < share(n, worker + 1); j++) {
            double mean = 0;
            double p = 0;
            for (int t = 0; t < steps; t++) {
              int k = t * n + j;
              predicted[k] = a[k] * mean + residual[k];
              double q = a[k] * p * a[k] + 1;
              mean = predicted[k] / (1 + damping * q);
              p = q / (1 + damping * q);
              change[k] = mean;
              variance[k] = p;
            }
            for (int t = steps - 2; t >= 0; t--) {
              int k = t * n + j;
              double next = a[k + n];
              double gain = variance[k] * next / (next * variance[k] * next + 1);
              change[k] += gain * (change[k + n] - predicted[k + n]);
            }
          }
        });
  }

  private void smoothFull(double damping) {
    double[] a = new double[n * n];
    double[] p = new double[n * n];
    double[] mean = new double[n];
    double[] predicted = new double[steps * n];
    double[][] variance = new double[steps][];
    for (int t = 0; t < steps; t++) {
      jacobian(t, a, options.scale());
      System.arraycopy(residual, t * n, predicted, t * n, n);
      addProduct(a, mean, predicted, t * n);
      // q = A P A' + 1; then P = (q^-1 + damping)^-1 and mean = (1 + damping q)^-1 predicted.
      double[] q = Matrices.multiply(Matrices.multiply(a, p, n), Matrices.transpose(a, n), n);
      Matrices.addIdentity(q, n, 1);
      double[] m = new double[n * n];
      for (int i = 0; i < m.length; i++) {
        m[i] = damping * q[i];
      }
      Matrices.addIdentity(m, n, 1);
      double[] factor = Matrices.cholesky(m, n);
      p = Matrices.solve(factor, q, n, n);
      Matrices.symmetrize(p, n);
      variance[t] = p;
      double[] column = Arrays.copyOfRange(predicted, t * n, (t + 1) * n);
      mean = Matrices.solve(factor, column, n, 1);
      System.arraycopy(mean, 0, change, t * n, n);
    }
    for (int t = steps - 2; t >= 0; t--) {
      // change += P A' (A P A' + 1)^-1 (change after - predicted after)
      jacobian(t + 1, a, options.scale());
      double[] pa = Matrices.multiply(variance[t], Matrices.transpose(a, n), n);
      double[] q = Matrices.multiply(a, pa, n);
      Matrices.addIdentity(q, n, 1);
      double[] difference = new double[n];
      for (int i = 0; i < n; i++) {
        difference[i] = change[(t + 1) * n + i] - predicted[(t + 1) * n + i];
      }
      Matrices.symmetrize(q, n);
      double[] solved = Matrices.solve(Matrices.cholesky(q, n), difference, n, 1);
      addProduct(pa, solved, change, t * n);
    }
  }
}
