package dev.unroll.run;

import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.UnitCell;
import dev.unroll.kernel.Gemm;
import java.util.Arrays;

/**
 * One step of a layer from each of T given states, and its Jacobians there. Where the states of a
 * sequence are guessed, its steps need not wait for each other, so they are the rows of a batch.
 *
 * <p>Letters: T steps, H units, P the numbers of a unit, n = P H the state's size; the state's
 * parts follow each other, such as h, then c, or real parts, then imaginary ones. The Jacobian
 * J[i][k] is the derivative of element i of the state after a step by element k of the state
 * before. It is P x P diagonal matrices plus weight_hh with its rows scaled, and is stored so.
 */
public final class Linearization {
  private final Recurrent network;
  private final Team team;

  /** Takes the step, and keeps the derivatives of the output-th numbers of the units. */
  private interface OneStep {
    void step(int worker, int t0, int t1, int output);
  }

  private final OneStep oneStep;
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

  /** The derivatives of the output-th numbers of the units: {@code [output][T * G * H]}. */
  private final float[][] byGate;

  /** By the unit's own numbers before the step: {@code [output][P][T * H]}. */
  private final float[][][] byOwn;

  private final Team.Task task = this::run;
  private float[] x = {};
  private float[] from = {};
  private float[] to = {};

  /**
   * Allocates the buffers.
   *
   * @param network one layer of a {@link StepCell}, {@link UnitCell} or {@link DiagonalCell} in one
   *     direction, with one head, without projection
   * @param steps T, at least 1
   * @param team the threads
   * @throws IllegalArgumentException if the network is of another kind, has rounded weights, or T
   *     is below 1
   */
  public Linearization(Recurrent network, int steps, Team team) {
    RecurrentConfig config = network.config();
    int hiddenSize = config.hiddenSize();
    if (config.cell() instanceof LinearCell
        || config.cell() instanceof DeltaCell
        || config.numLayers() > 1
        || config.bidirectional()
        || config.projSize() > 0
        || config.heads() > 1) {
      throw new IllegalArgumentException(
          "Only one layer in one direction, with one head, without projection, of a cell whose"
              + " gates depend on the state before can be linearised, not "
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
    hidden = hiddenSize;
    outputs = config.stateWidth() / hidden;
    Slice recurrent = network.layers[0] instanceof StepLayer layer ? layer.weightHh : null;
    gates = recurrent == null ? 0 : config.cell().gates();
    weightHh = recurrent == null ? 0 : recurrent.offset();
    transposed = new float[hidden * gates * hidden];
    before = State.zeros(config, steps);
    after = State.zeros(config, steps);
    y = new float[steps * config.stateSize()];
    byGate = new float[outputs][steps * gates * hidden];
    byOwn = new float[outputs][outputs][steps * hidden];
    oneStep =
        switch (network.layers[0]) {
          case StepLayer layer -> oneStep(layer);
          case StripLayer layer -> oneStep(layer, config);
          case DeltaLayer _ -> throw new IllegalStateException("Refused above.");
        };
  }

  private OneStep oneStep(StepLayer layer) {
    Trace trace = new Trace(layer, 1, steps, true, false, team.threads());
    Unroll unroll = new Unroll(layer, trace);
    UnrollBackward backward = new UnrollBackward(layer, trace);
    return (worker, t0, t1, output) -> {
      unroll.start(before, t0, t1);
      unroll.wide(worker, x, null, y, t0, t1);
      if (output == 0) {
        unroll.finish(after, t0, t1);
      }
      backward.derivatives(worker, output, t0, t1, byGate[output], byOwn[output]);
    };
  }

  private OneStep oneStep(StripLayer layer, RecurrentConfig config) {
    StripPass pass = new StripPass(layer, 1, steps, true, team, ScanForm.BLOCKED);
    State row = State.zeros(config, steps);
    float[] none = new float[y.length];
    float[] scratch = Gemm.scratch();
    float[] ones = new float[steps * outputs * hidden];
    State[] units = new State[outputs];
    for (int output = 0; output < outputs; output++) {
      units[output] = State.zeros(config, steps);
      for (int t = 0; t < steps; t++) {
        Arrays.fill(ones, (t * outputs + output) * hidden, (t * outputs + output + 1) * hidden, 1f);
      }
      split(ones, units[output], 0, steps);
      Arrays.fill(ones, 0f);
    }
    float[] joined = ones;
    return (worker, t0, t1, output) -> {
      // A strip reads states of steps that others have set.
      team.barrier();
      if (worker == 0 || pass.shared(false)) {
        pass.forward(worker, x, before, null, y, after);
        pass.backward(worker, x, null, none, units[output], null, row, scratch);
      }
      team.barrier();
      join(row, joined, t0, t1);
      for (int t = t0; t < t1; t++) {
        for (int part = 0; part < outputs; part++) {
          System.arraycopy(
              joined, t * size() + part * hidden, byOwn[output][part], t * hidden, hidden);
        }
      }
      team.barrier();
    };
  }

  /** Rows {@code [t, n]} to the parts of a state with a sequence for each step. */
  private void split(float[] rows, State state, int t0, int t1) {
    int at = 0;
    for (float[] part : state.parts()) {
      int width = part.length / steps;
      for (int t = t0; t < t1; t++) {
        System.arraycopy(rows, t * size() + at, part, t * width, width);
      }
      at += width;
    }
  }

  /** The reverse of {@link #split}. */
  private void join(State state, float[] rows, int t0, int t1) {
    int at = 0;
    for (float[] part : state.parts()) {
      int width = part.length / steps;
      for (int t = t0; t < t1; t++) {
        System.arraycopy(part, t * width, rows, t * size() + at, width);
      }
      at += width;
    }
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
    split(from, before, t0, t1);
    for (int output = 0; output < outputs; output++) {
      oneStep.step(worker, t0, t1, output);
    }
    join(after, to, t0, t1);
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
        for (int part = 0; part < outputs; part++) {
          j[row + part * hidden + unit] += byOwn[output][part][t * hidden + unit];
        }
      }
    }
  }

  /**
   * A Jacobian of the last evaluation times a vector, without the matrix: weight_hh times the
   * vector is the same for all parts of the state, and only its rows' scales differ.
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
        double sum = 0;
        for (int part = 0; part < outputs; part++) {
          sum += byOwn[output][part][t * hidden + unit] * v[part * hidden + unit];
        }
        for (int gate = 0; gate < gates; gate++) {
          int r = gate * hidden + unit;
          sum += byGate[output][t * rows + r] * room[r];
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
      float sum = byOwn[0][0][t * hidden + unit];
      for (int gate = 0; gate < gates; gate++) {
        int r = gate * hidden + unit;
        sum += byGate[0][t * gates * hidden + r] * w[weightHh + r * hidden + unit];
      }
      d[at + unit] = sum;
      for (int part = 1; part < outputs; part++) {
        d[at + part * hidden + unit] = byOwn[part][part][t * hidden + unit];
      }
    }
  }
}
