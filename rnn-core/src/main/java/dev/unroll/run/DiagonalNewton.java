package dev.unroll.run;

import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.NewtonStep;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One sequence through a layer of a {@link DiagonalCell} for all of time at once, by Newton's
 * method with the exact Jacobian, a number for each unit or 2 x 2 where a unit has two states
 * (Danieli et al. 2025, "ParaRNN"). The first guess is f(0, x_t). An iteration visits each block of
 * steps once, and reads and writes each number of it once.
 *
 * <p>With s the states that the iteration before found, a visit finds for each step t of its block
 *
 * <pre>
 * f_t = f(s_(t-1), x_t)      J_t its Jacobian there
 * l_t = f_t + J_t (l_(t-1) - s_(t-1)),   l = s before the block
 * P_t = J_t P_(t-1),                     P = 1 before the block
 * </pre>
 *
 * <p>so that the new states are l_t + P_t d, where d is how the state before the block changes.
 * That is known when all blocks have been visited; it goes from block to block, and the next visit
 * makes the states of l, P and d. Threads divide the blocks; the bits do not depend on how.
 *
 * <p>Used by one thread at a time; a solution allocates nothing.
 */
public final class DiagonalNewton {
  private static final int WIDTH = StripCell.UNITS;

  private final Recurrent network;
  private final StripLayer layer;
  private final DiagonalCell cell;
  private final Team team;
  private final int steps;
  private final int blocks;
  private final int strips;

  /** Numbers of the state of a unit. */
  private final int planes;

  private final double tolerance;
  private final int maxIterations;

  /** The pre-activations from x, {@code [group][T][64]}. */
  private final float[] gates;

  private final int[] atomOffset;

  /** l and P: {@code [plane][strip][T][64]}, and for each pair of planes. */
  private final float[][] local;

  private final float[][] product;

  /** The state before each block, and its last change: {@code [plane][strip][block][64]}. */
  private final float[][] start;

  private final float[][] change;
  private final Visits[] visits;
  private final Team.Task task = this::run;

  // The solution under way.
  private float[] x = {};
  private float[] y = {};
  private boolean done;
  private int iterations;
  private float residual;

  /**
   * Allocates the buffers.
   *
   * @param network one layer of a {@link DiagonalCell} in one direction, with weights of floats
   * @param steps T, at least 1
   * @param tolerance the iterations end when no element of f(s_(t-1), x_t) differs from s_t by more
   * @param maxIterations the most iterations, at least 1; T are enough, apart from rounding
   * @param team the threads
   * @throws IllegalArgumentException if the network is of another kind or a number not positive
   */
  public DiagonalNewton(
      Recurrent network, int steps, double tolerance, int maxIterations, Team team) {
    RecurrentConfig config = network.config();
    if (!(config.cell() instanceof DiagonalCell diagonal)
        || config.numLayers() > 1
        || config.bidirectional()) {
      throw new IllegalArgumentException(
          "Only one layer in one direction of a cell with a diagonal recurrence, such as para_gru,"
              + " can be solved so, not "
              + config
              + ".");
    }
    if (steps < 1 || !(tolerance > 0) || maxIterations < 1) {
      throw new IllegalArgumentException(
          "steps is %d, tolerance %s and maxIterations %d: all must be positive."
              .formatted(steps, tolerance, maxIterations));
    }
    network.requireFloats();
    this.network = network;
    this.team = team;
    this.steps = steps;
    this.tolerance = tolerance;
    this.maxIterations = maxIterations;
    cell = diagonal;
    layer = (StripLayer) network.layers[0];
    blocks = Math.ceilDiv(steps, Scan.BLOCK);
    strips = layer.layout.strips;
    planes = config.stateWidth() / config.hiddenSize();
    int groupStride = steps * WIDTH;
    gates = Buffers.floats((long) layer.layout.groups * groupStride);
    atomOffset = layer.layout.input.offsets(groupStride);
    local = new float[planes][strips * steps * WIDTH];
    product = new float[planes * planes][strips * steps * WIDTH];
    start = new float[planes][strips * blocks * WIDTH];
    change = new float[planes][strips * blocks * WIDTH];
    visits = new Visits[team.threads()];
    Arrays.setAll(visits, worker -> new Visits());
  }

  /**
   * Finds the outputs of a sequence.
   *
   * @param x {@code [T, I]}
   * @param initial the state of one sequence before the first step; null for zeros
   * @param y {@code [T, outputs]}, written
   * @return whether they are within the tolerance; if not, the iterations were used up or a number
   *     was no longer finite
   * @throws IllegalArgumentException if an array is too short
   */
  public boolean solve(float[] x, @Nullable State initial, float[] y) {
    Sizes.check("x", x.length, (long) steps * layer.inputSize, "T * I");
    Sizes.check("y", y.length, (long) steps * layer.outputSize, "T * outputs");
    network.pack(team);
    for (int plane = 0; plane < planes; plane++) {
      Arrays.fill(change[plane], 0f);
      Arrays.fill(start[plane], 0f);
      for (int strip = 0; strip < strips && initial != null; strip++) {
        int part = initial.parts().size() == planes ? plane : 0;
        int from = (part == plane ? 0 : plane * layer.hiddenSize) + strip * WIDTH;
        System.arraycopy(
            initial.part(part), from, start[plane], strip * blocks * WIDTH, units(strip));
      }
    }
    this.x = x;
    this.y = y;
    done = false;
    iterations = 0;
    team.run(task);
    return residual <= tolerance;
  }

  /** {@return iterations of the last solution; the one that confirmed it is among them} */
  public int iterations() {
    return iterations;
  }

  /** {@return the largest element of f(s_(t-1), x_t) - s_t that the last iteration met} */
  public double residual() {
    return residual;
  }

  private void run(int worker) {
    int from = (int) ((long) blocks * worker / team.threads());
    int to = (int) ((long) blocks * (worker + 1) / team.threads());
    Visits own = visits[worker];
    for (boolean guess = true; !done; guess = false) {
      Arrays.fill(own.largest, 0f);
      for (int block = from; block < to; block++) {
        for (int strip = 0; strip < strips; strip++) {
          own.visit(block, strip, guess);
        }
      }
      team.barrier();
      if (worker == 0) {
        iterations += guess ? 0 : 1;
        residual = guess ? Float.POSITIVE_INFINITY : largest();
        done = !guess && !(residual > tolerance && residual < Float.POSITIVE_INFINITY);
        done |= iterations == maxIterations;
        connect();
      }
      team.barrier();
    }
  }

  /** The largest residual of all threads; NaN if there is one. */
  private float largest() {
    float largest = 0;
    for (Visits visit : visits) {
      for (float value : visit.largest) {
        largest = Math.max(largest, value);
      }
    }
    return largest;
  }

  /** Takes the change of the state from block to block. */
  private void connect() {
    for (int strip = 0; strip < strips; strip++) {
      for (int block = 0; block + 1 < blocks; block++) {
        int last = (strip * steps + (block + 1) * Scan.BLOCK - 1) * WIDTH;
        int at = (strip * blocks + block) * WIDTH;
        for (int p = 0; p < planes; p++) {
          for (int u = 0; u < WIDTH; u++) {
            float next = local[p][last + u];
            for (int q = 0; q < planes; q++) {
              next = Math.fma(product[p * planes + q][last + u], change[q][at + u], next);
            }
            change[p][at + WIDTH + u] = next - start[p][at + WIDTH + u];
            start[p][at + WIDTH + u] = next;
          }
        }
      }
    }
  }

  private int units(int strip) {
    return Math.min(WIDTH, layer.hiddenSize - strip * WIDTH);
  }

  /** One thread's buffers for the step in hand; arrays apart, so that loops become vectors. */
  private final class Visits {
    /** Of each unit, the largest residual. */
    final float[] largest = new float[WIDTH];

    private final float[] row = Buffers.floats((long) cell.gates() * WIDTH);
    private final float[] copy = Buffers.floats((long) cell.gates() * WIDTH);

    /** The states before and after the step, {@code [plane][2][64]}. */
    private final float[] states = Buffers.floats(2L * planes * WIDTH);

    private final float[] gradients = Buffers.floats((long) planes * WIDTH);
    private final float[] upstream = Buffers.floats((long) planes * WIDTH);
    private final float[] constantSums = Buffers.floats((long) layer.perUnit * WIDTH);

    private final float[][] f = new float[planes][WIDTH];
    private final float[][] jacobian = new float[planes * planes][WIDTH];

    /** P_(t-1), l_(t-1) - s_(t-1) and s_(t-1). */
    private final float[][] before = new float[planes * planes][WIDTH];

    private final float[][] ahead = new float[planes][WIDTH];
    private final float[][] old = new float[planes][WIDTH];

    void visit(int block, int strip, boolean guess) {
      int from = block * Scan.BLOCK;
      int to = Math.min(steps, from + Scan.BLOCK);
      if (guess) {
        layer.preActivations(
            gates,
            Buffers.BASE + from * WIDTH,
            atomOffset,
            WIDTH,
            x,
            from * layer.inputSize,
            layer.inputSize,
            strip * cell.gates(),
            (strip + 1) * cell.gates(),
            to - from);
      }
      int carried = (strip * blocks + block) * WIDTH;
      Arrays.fill(constantSums, 0f);
      for (int p = 0; p < planes; p++) {
        System.arraycopy(start[p], carried, old[p], 0, WIDTH);
        Arrays.fill(ahead[p], 0f);
        for (int q = 0; q < planes; q++) {
          Arrays.fill(before[p * planes + q], p == q ? 1f : 0f);
        }
      }
      for (int t = from; t < to; t++) {
        evaluate(t, strip, guess);
        int at = (strip * steps + t) * WIDTH;
        if (guess) {
          for (int p = 0; p < planes; p++) {
            System.arraycopy(f[p], 0, local[p], at, WIDTH);
            for (int q = 0; q < planes; q++) {
              Arrays.fill(product[p * planes + q], at, at + WIDTH, 0f);
            }
          }
        } else {
          linearize(strip);
          NewtonStep.advance(
              f, jacobian, local, product, at, change, carried, old, ahead, before, largest);
        }
        output(t, strip);
      }
    }

    /** The step from the old states, or from zeros. */
    private void evaluate(int t, int strip, boolean guess) {
      for (int gate = 0; gate < cell.gates(); gate++) {
        int from = Buffers.BASE + ((strip * cell.gates() + gate) * steps + t) * WIDTH;
        System.arraycopy(gates, from, row, Buffers.BASE + gate * WIDTH, WIDTH);
      }
      for (int p = 0; p < planes; p++) {
        int at = Buffers.BASE + 2 * p * WIDTH;
        if (guess) {
          Arrays.fill(states, at, at + WIDTH, 0f);
        } else {
          System.arraycopy(old[p], 0, states, at, WIDTH);
        }
      }
      cell.forward(
          1,
          row,
          Buffers.BASE,
          WIDTH,
          WIDTH,
          layer.constants,
          layer.constant(strip, 0),
          states,
          Buffers.BASE,
          2 * WIDTH,
          WIDTH);
      for (int p = 0; p < planes; p++) {
        System.arraycopy(states, Buffers.BASE + (2 * p + 1) * WIDTH, f[p], 0, WIDTH);
      }
    }

    /** The Jacobian of that step: what the way back makes of a gradient of 1 to each state. */
    private void linearize(int strip) {
      for (int p = 0; p < planes; p++) {
        float[] kept = row;
        if (p + 1 < planes) {
          System.arraycopy(row, 0, copy, 0, row.length);
          kept = copy;
        }
        Arrays.fill(upstream, 0f);
        Arrays.fill(gradients, 0f);
        int one = Buffers.BASE + p * WIDTH;
        Arrays.fill(gradients, one, one + WIDTH, 1f);
        cell.backward(
            1,
            kept,
            Buffers.BASE,
            WIDTH,
            WIDTH,
            layer.constants,
            layer.constant(strip, 0),
            states,
            Buffers.BASE,
            2 * WIDTH,
            WIDTH,
            gradients,
            Buffers.BASE,
            WIDTH,
            upstream,
            Buffers.BASE,
            WIDTH,
            WIDTH,
            constantSums,
            Buffers.BASE);
        for (int q = 0; q < planes; q++) {
          System.arraycopy(gradients, Buffers.BASE + q * WIDTH, jacobian[p * planes + q], 0, WIDTH);
        }
      }
    }

    private void output(int t, int strip) {
      int to = t * layer.outputSize + strip * WIDTH;
      for (int p = 0; p * layer.hiddenSize < layer.outputSize; p++) {
        System.arraycopy(f[p], 0, y, to + p * layer.hiddenSize, units(strip));
      }
    }
  }
}
