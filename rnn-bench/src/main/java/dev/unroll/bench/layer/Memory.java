package dev.unroll.bench.layer;

import com.sun.management.OperatingSystemMXBean;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.StepCell;
import dev.unroll.kernel.Panels;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Whether a workload fits into memory, asked before anything is allocated. */
public final class Memory {
  /** Most elements of a Java array. */
  private static final long LONGEST = Integer.MAX_VALUE - 64L;

  private Memory() {}

  /** The bytes of this machine. */
  public static long ofMachine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /**
   * Checks a workload.
   *
   * @param available bytes
   * @throws IllegalArgumentException if the workload needs more, or longer arrays than Java has
   */
  public static void require(Workload workload, long available) {
    long need = bytes(workload);
    if (need > available) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s needs about %.1f GiB of memory, but there are %.1f GiB: choose fewer steps, a"
                  + " smaller batch or fewer units, or a JVM with more (jmh: -jvmArgsAppend"
                  + " -Xmx16g)",
              workload,
              need / 0x1p30,
              available / 0x1p30));
    }
    if (longest(workload) > LONGEST) {
      throw new IllegalArgumentException(
          "%s needs an array of %d floats, but a Java array holds %d: choose fewer steps, a smaller batch or fewer units"
              .formatted(workload, longest(workload), LONGEST));
    }
  }

  /** About what a workload takes: its operands, the layer's weights and what a pass keeps. */
  static long bytes(Workload workload) {
    Shape s = workload.shape();
    boolean training = workload.mode() == Mode.TRAINING;
    long rows = (long) s.steps() * s.batch();
    long io = rows * (s.inputSize() + 2L * s.hiddenSize());
    long weights = (long) workload.gates() * s.hiddenSize() * (s.inputSize() + s.hiddenSize() + 2L);
    // Operands, parameters, gradients, the packed forms, and the oracle's in double precision.
    long copies = training ? 11 : 6;
    long kept = training ? rows * (gateColumns(workload) + 2L * s.hiddenSize() + s.inputSize()) : 0;
    return Float.BYTES * (io + copies * weights + kept);
  }

  private static long longest(Workload workload) {
    Shape s = workload.shape();
    long rows = (long) s.steps() * s.batch();
    long weights =
        (long) workload.gates() * s.hiddenSize() * Math.max(s.inputSize(), s.hiddenSize());
    long gates = workload.mode() == Mode.TRAINING ? rows * gateColumns(workload) : 0;
    return Math.max(Math.max(rows * Math.max(s.inputSize(), s.hiddenSize()), weights), gates);
  }

  private static long gateColumns(Workload workload) {
    Cell cell = Cells.named(workload.cell());
    long units = Math.ceilDiv(workload.shape().hiddenSize(), Panels.WIDTH) * (long) Panels.WIDTH;
    return units * (cell instanceof StepCell step ? step.slots() : cell.gates());
  }
}
