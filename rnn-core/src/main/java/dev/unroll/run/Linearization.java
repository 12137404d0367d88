package dev.unroll.run;

import dev.unroll.cell.StepCell;
import dev.unroll.cell.UnitCell;
import java.util.Arrays;

/**
 * One step of a layer from each of T given states, and its Jacobians there. Where the states of a
 * sequence are guessed, its steps need not wait for each other, so they are the rows of a batch.
 *
 * <p>Letters: T steps, H units, n the state's size, H, or 2 H where h is followed by c. The
 * Jacobian J[i][k] is the derivative of element i of the state after a step by element k of the
 * state before. It is a diagonal matrix plus weight_hh with its rows scaled, and is stored so.
 */
public final class Linearization {
  private final Recurrent network;
  private final Unroll unroll;
  private final UnrollBackward backward;
  private final Team team;
  private final int steps;
  private final int hidden;
  private final int outputs;

  /** Gates that h_(t-1) enters through weight_hh: all or none. */
  private final int gates;

  private final int weightHh;

  /** weight_hh at the last evaluation, {@code [H, gates * H]}. */
  private final float[] transposed;

  private final State before;
  private final State after;
  private final float[] y;

  // The derivatives of h and, if there is one, c: [output][T * ...].
  private final float[][] byGate;
  private final float[][] byH;
  private final float[][] byC;

  private final Team.Task task = this::run;
  private float[] x = {};
  private float[] from = {};
  private float[] to = {};

  /**
   * Allocates the buffers.
   *
   * @param network one layer of a {@link StepCell} or {@link UnitCell} in one direction, without
   *     projection
   * @param steps T, at least 1
   * @param team the threads
   * @throws IllegalArgumentException if the network is of another kind, has rounded weights, or T
   *     is below 1
   */
  public Linearization(Recurrent network, int steps, Team team) {
    RecurrentConfig config = network.config();
    if (!(network.layers[0] instanceof StepLayer layer)
        || config.numLayers() > 1
        || config.bidirectional()
        || config.projSize() > 0
        || config.cell().states().size() > 2) {
      throw new IllegalArgumentException(
          "Only one layer in one direction, without projection, of a cell whose gates depend on the"
              + " state before can be linearised, not "
              + config
              + ".");
    }
    network.requireFloats();
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + ", but must be at least 1.");
    }
    this.network = network;
    this.steps = steps;
    this.team = team;
    Trace trace = new Trace(layer, 1, steps, true, false, team.threads());
    unroll = new Unroll(layer, trace);
    backward = new UnrollBackward(layer, trace);
    hidden = config.hiddenSize();
    outputs = config.cell().states().size();
    gates = layer.weightHh == null ? 0 : config.cell().gates();
    weightHh = layer.weightHh == null ? 0 : layer.weightHh.offset();
    transposed = new float[hidden * gates * hidden];
    before = State.zeros(config, steps);
    after = State.zeros(config, steps);
    y = new float[steps * hidden];
    byGate = new float[outputs][steps * gates * hidden];
    byH = new float[outputs][steps * hidden];
    byC = new float[outputs][outputs > 1 ? steps * hidden : 0];
  }

  /** {@return n} */
  public int size() {
    return outputs * hidden;
  }

  /**
   * Takes all steps at once and keeps what their Jacobians are made of.
   *
   * @param x {@code [T, I]}
   * @param from the state before each step, {@code [T, n]}
   * @param to the state after each step, {@code [T, n]}, written; to the bit what {@link
   *     Recurrent#forward} gives for that step
   * @throws IllegalArgumentException if an array is too short
   */
  public void evaluate(float[] x, float[] from, float[] to) {
    Sizes.check("x", x.length, (long) steps * network.config().inputSize(), "T * I");
    Sizes.check("from", from.length, (long) steps * size(), "T * n");
    Sizes.check("to", to.length, (long) steps * size(), "T * n");
    network.pack(team);
    float[] w = network.parameters().values();
    int rows = gates * hidden;
    for (int k = 0; k < transposed.length; k++) {
      transposed[k] = w[weightHh + k % rows * hidden + k / rows];
    }
    this.x = x;
    this.from = from;
    this.to = to;
    team.run(task);
  }

  private void run(int worker) {
    int t0 = (int) ((long) steps * worker / team.threads());
    int t1 = (int) ((long) steps * (worker + 1) / team.threads());
    int n = size();
    for (int t = t0; t < t1; t++) {
      System.arraycopy(from, t * n, before.h(), t * hidden, hidden);
      if (outputs > 1) {
        System.arraycopy(from, t * n + hidden, before.c(), t * hidden, hidden);
      }
    }
    for (int output = 0; output < outputs; output++) {
      unroll.start(before, t0, t1);
      unroll.wide(worker, x, null, y, t0, t1);
      if (output == 0) {
        unroll.finish(after, t0, t1);
      }
      backward.derivatives(worker, output == 1, t0, t1, byGate[output], byH[output], byC[output]);
    }
    for (int t = t0; t < t1; t++) {
      System.arraycopy(after.h(), t * hidden, to, t * n, hidden);
      if (outputs > 1) {
        System.arraycopy(after.c(), t * hidden, to, t * n + hidden, hidden);
      }
    }
  }

  /**
   * The Jacobian of one step at the last evaluation.
   *
   * @param t the step
   * @param j {@code [n, n]}, written
   */
  public void jacobian(int t, double[] j) {
    int n = size();
    float[] w = network.parameters().values();
    Arrays.fill(j, 0, n * n, 0);
    for (int output = 0; output < outputs; output++) {
      for (int unit = 0; unit < hidden; unit++) {
        int row = (output * hidden + unit) * n;
        for (int gate = 0; gate < gates; gate++) {
          int r = gate * hidden + unit;
          double scale = byGate[output][t * gates * hidden + r];
          int from = weightHh + r * hidden;
          for (int k = 0; k < hidden; k++) {
            j[row + k] += scale * w[from + k];
          }
        }
        j[row + unit] += byH[output][t * hidden + unit];
        if (outputs > 1) {
          j[row + hidden + unit] += byC[output][t * hidden + unit];
        }
      }
    }
  }

  /**
   * A Jacobian of the last evaluation times a vector, without the matrix: weight_hh times the
   * vector is the same for h and c, and only its rows' scales differ.
   *
   * @param t the step
   * @param v n numbers
   * @param product {@code [n]}, written
   * @param room for gates * H numbers, overwritten
   */
  public void multiply(int t, double[] v, double[] product, double[] room) {
    int rows = gates * hidden;
    float[] w = transposed;
    Arrays.fill(room, 0, rows, 0);
    for (int k = 0; k < hidden && rows > 0; k++) {
      double scale = v[k];
      int column = k * rows;
      for (int r = 0; r < rows; r++) {
        room[r] += w[column + r] * scale;
      }
    }
    for (int output = 0; output < outputs; output++) {
      for (int unit = 0; unit < hidden; unit++) {
        double sum = byH[output][t * hidden + unit] * v[unit];
        for (int gate = 0; gate < gates; gate++) {
          int r = gate * hidden + unit;
          sum += byGate[output][t * rows + r] * room[r];
        }
        if (outputs > 1) {
          sum += byC[output][t * hidden + unit] * v[hidden + unit];
        }
        product[output * hidden + unit] = sum;
      }
    }
  }

  /** {@return the numbers that {@link #multiply} needs room for} */
  public int room() {
    return gates * hidden;
  }

  /**
   * The diagonal of the Jacobian of one step at the last evaluation.
   *
   * @param t the step
   * @param d written, n floats
   * @param at where they start
   */
  public void diagonal(int t, float[] d, int at) {
    float[] w = network.parameters().values();
    for (int unit = 0; unit < hidden; unit++) {
      float sum = byH[0][t * hidden + unit];
      for (int gate = 0; gate < gates; gate++) {
        int r = gate * hidden + unit;
        sum += byGate[0][t * gates * hidden + r] * w[weightHh + r * hidden + unit];
      }
      d[at + unit] = sum;
      if (outputs > 1) {
        d[at + hidden + unit] = byC[1][t * hidden + unit];
      }
    }
  }
}
