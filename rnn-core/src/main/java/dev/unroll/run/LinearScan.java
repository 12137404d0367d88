package dev.unroll.run;

import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Panels;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The linear recurrence h_t = a_t h_(t-1) + b_t by itself, unit by unit: what is left to solve of a
 * {@link dev.unroll.cell.LinearCell} when its gates are known, and of a Newton step with a diagonal
 * Jacobian.
 *
 * <p>It is solved in blocks of {@link Scan#BLOCK} steps (Blelloch 1990). Threads divide the units
 * where there are enough, else the blocks; the bits are the same. A pass allocates nothing. Only
 * one pass may run at a time.
 */
public final class LinearScan {
  private final int steps;
  private final int width;
  private final Team team;
  private final ScanForm form;
  private final int blocks;

  /** Whether threads divide the units; else the blocks. */
  private final boolean byUnits;

  private final float[] state;
  private final float[] product;
  private final float[] solution;
  private final Team.Task task = this::run;

  // The pass under way.
  private float[] a = {};
  private float[] b = {};
  private float[] h = {};
  private int offset;

  /**
   * Allocates the buffers for one shape.
   *
   * @param steps T, at least 1
   * @param width N, units of all sequences together, at least 1
   * @param team the threads
   * @param form in blocks or step after step; the latter by one thread where there are few units
   * @throws IllegalArgumentException if a size is not positive or too large for Java arrays
   */
  public LinearScan(int steps, int width, Team team, ScanForm form) {
    if (steps < 1 || width < 1) {
      throw new IllegalArgumentException(
          "A scan over " + steps + " steps of " + width + " units: both must be at least 1.");
    }
    Sizes.checkPossible("h", (long) steps * width, "T * N", "fewer steps or a smaller width");
    this.steps = steps;
    this.width = width;
    this.team = team;
    this.form = form;
    blocks = Math.ceilDiv(steps, Scan.BLOCK);
    byUnits = form == ScanForm.SERIAL || width >= team.threads() * Panels.WIDTH;
    state = new float[width];
    long between = byUnits ? 0 : (long) blocks * width;
    product = Buffers.floats(between);
    solution = Buffers.floats(between);
  }

  /**
   * Solves the recurrence.
   *
   * @param a {@code [T, N]}
   * @param b {@code [T, N]}
   * @param initial h before the first step, {@code [N]}; null for zeros
   * @param h {@code [T, N]}, written; may be b
   * @param offset where a, b and h start in their arrays; from {@link Buffers#BASE} on, rows of a
   *     multiple of 16 begin on cache lines, so that no line is written by two threads
   * @throws IllegalArgumentException if an array is too short or the offset negative
   */
  public void forward(float[] a, float[] b, float @Nullable [] initial, float[] h, int offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("The offset is " + offset + ", but must be at least 0.");
    }
    long size = offset + (long) steps * width;
    Sizes.check("a", a.length, size, "offset + T * N");
    Sizes.check("b", b.length, size, "offset + T * N");
    Sizes.check("h", h.length, size, "offset + T * N");
    if (initial == null) {
      Arrays.fill(state, 0f);
    } else {
      Sizes.check("initial", initial.length, width, "N");
      System.arraycopy(initial, 0, state, 0, width);
    }
    this.a = a;
    this.b = b;
    this.h = h;
    this.offset = offset;
    team.run(task);
  }

  private void run(int worker) {
    if (byUnits) {
      int groups = Math.ceilDiv(width, Panels.WIDTH);
      int from = Math.min(width, groups * worker / team.threads() * Panels.WIDTH);
      int to = Math.min(width, groups * (worker + 1) / team.threads() * Panels.WIDTH);
      for (int block = 0; block < blocks; block++) {
        solve(block, from, to, state, from);
      }
      return;
    }
    int from = blocks * worker / team.threads();
    int to = blocks * (worker + 1) / team.threads();
    for (int block = from; block < to; block++) {
      if (block == 0) {
        solve(0, 0, width, state, 0);
      } else {
        Scan.forwardLocal(
            product, solution, between(block), a, b, row(block), width, rows(block), width);
      }
    }
    team.barrier();
    if (worker == 0) {
      for (int block = 1; block < blocks; block++) {
        Scan.connect(state, 0, product, solution, between(block), width);
      }
    }
    team.barrier();
    for (int block = Math.max(1, from); block < to; block++) {
      solve(block, 0, width, product, between(block));
    }
  }

  private int rows(int block) {
    return Math.min(Scan.BLOCK, steps - block * Scan.BLOCK);
  }

  private int row(int block) {
    return offset + block * Scan.BLOCK * width;
  }

  private int between(int block) {
    return Buffers.BASE + block * width;
  }

  /** Solves a block for some units, whose states before it lie in {@code carry}. */
  private void solve(int block, int from, int to, float[] carry, int at) {
    int row = row(block) + from;
    if (form == ScanForm.SERIAL || block == 0) {
      Scan.forwardSerial(h, row, width, carry, at, a, b, row, width, rows(block), to - from);
    } else {
      Scan.forward(h, row, width, carry, at, a, b, row, width, rows(block), to - from);
    }
  }
}
