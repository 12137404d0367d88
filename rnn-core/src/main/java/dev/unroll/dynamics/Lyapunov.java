package dev.unroll.dynamics;

import dev.unroll.cell.Initializer;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.random.RandomGenerator;

/**
 * The largest Lyapunov exponent of a recurrent network driven by its input: the rate, in nats a
 * step, at which nearby states drift apart (above 0) or together (below). It is measured as the
 * growth of one vector, whose norm is made 1 again at each step (Benettin et al. 1980; for
 * recurrent networks Engelken et al. 2023, Vogt et al. 2022).
 *
 * <p>The vector is a gradient and goes back through time, by the same code that trains the network.
 * So it is multiplied by the transposed Jacobians. Their product has the singular values of the
 * product that carries a tangent vector forward, so the exponent is the same in the limit, for any
 * cell. It is also the rate at which backpropagated gradients grow or vanish. The state is that of
 * all layers: h and, where there is one, c.
 */
public final class Lyapunov {
  private Lyapunov() {}

  /**
   * The exponent along each sequence of a batch.
   *
   * <p>States start at zero. The mean is over the steps from {@code burnIn} to {@code T - burnIn}:
   * before these the initial state still has an effect, and after these the random vector has not
   * yet turned towards the direction that grows fastest.
   *
   * @param network any cell and any layers, in one direction; its parameters and their gradients
   *     are left as they are
   * @param x {@code [T, B, I]}
   * @param steps T, more than twice burnIn
   * @param batch B
   * @param burnIn steps to leave out at each end, at least 0
   * @param seed of the random vector that is carried
   * @param team the threads
   * @return B exponents, in nats a step; minus infinity where the gradient becomes exactly zero, as
   *     it does where all ReLUs are off
   * @throws IllegalArgumentException if the network is bidirectional, no step is left, or x is too
   *     short
   */
  public static double[] largest(
      Recurrent network, float[] x, int steps, int batch, int burnIn, long seed, Team team) {
    RecurrentConfig config = network.config();
    if (config.bidirectional()) {
      throw new IllegalArgumentException(
          "The network is bidirectional, so its states have no single order in time: use one"
              + " direction.");
    }
    if (burnIn < 0 || steps <= 2L * burnIn) {
      throw new IllegalArgumentException(
          "%d steps with a burn-in of %d leave none to average over: use more than twice the burn-in."
              .formatted(steps, burnIn));
    }
    int inputs = batch * config.inputSize();
    Sizes.check("x", x.length, (long) steps * inputs, "T * B * I");
    Workspace ws = network.workspace(1, batch, true, team);
    float[] xt = new float[inputs];
    float[] y = new float[batch * config.outputSize()];
    State[] before = new State[steps];
    before[0] = State.zeros(config, batch);
    for (int t = 0; t + 1 < steps; t++) {
      System.arraycopy(x, t * inputs, xt, 0, inputs);
      before[t + 1] = State.zeros(config, batch);
      network.forward(ws, xt, before[t], null, y, before[t + 1]);
    }
    State vector = State.zeros(config, batch);
    RandomGenerator random = Initializer.random(seed);
    fill(vector.h(), random);
    fill(vector.c(), random);
    float[] none = new float[y.length];
    float[] gradients = network.parameters().gradients().clone();
    double[] sum = new double[batch];
    State next = State.zeros(config, batch);
    int layers = config.numLayers();
    normalize(vector, layers, new double[batch]);
    for (int t = steps - 1; t >= burnIn; t--) {
      System.arraycopy(x, t * inputs, xt, 0, inputs);
      network.forward(ws, xt, before[t], null, y, null);
      network.backward(ws, xt, none, vector, null, next);
      normalize(next, layers, t < steps - burnIn ? sum : new double[batch]);
      State old = vector;
      vector = next;
      next = old;
    }
    System.arraycopy(gradients, 0, network.parameters().gradients(), 0, gradients.length);
    for (int b = 0; b < batch; b++) {
      sum[b] /= steps - 2.0 * burnIn;
    }
    return sum;
  }

  private static void fill(float[] values, RandomGenerator random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }

  /** Scales each sequence's vector to length 1 and adds the logarithm of the length it had. */
  private static void normalize(State vector, int layers, double[] logarithms) {
    double[] squares = new double[logarithms.length];
    addSquares(vector.h(), layers, squares);
    addSquares(vector.c(), layers, squares);
    for (int b = 0; b < squares.length; b++) {
      logarithms[b] += .5 * StrictMath.log(squares[b]);
    }
    scale(vector.h(), layers, squares);
    scale(vector.c(), layers, squares);
  }

  /** Rows are {@code [layer][sequence]}. */
  private static void addSquares(float[] rows, int layers, double[] squares) {
    int size = rows.length / layers / squares.length;
    for (int i = 0; i < rows.length; i++) {
      squares[i / size % squares.length] += (double) rows[i] * rows[i];
    }
  }

  private static void scale(float[] rows, int layers, double[] squares) {
    int size = rows.length / layers / squares.length;
    for (int i = 0; i < rows.length; i++) {
      double square = squares[i / size % squares.length];
      rows[i] = square > 0 ? (float) (rows[i] / StrictMath.sqrt(square)) : 0f;
    }
  }
}
