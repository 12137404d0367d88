package dev.unroll.bench.roofline;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.util.function.DoubleSupplier;

/** The least time that a machine's ceilings allow a workload. */
public final class Floor {
  /** From so many sequences on a weight that is read serves enough products to be free. */
  private static final int ENOUGH_SEQUENCES = 16;

  private Floor() {}

  /**
   * The least time of one call, in microseconds. What does not depend on the step before it (the
   * input product, the gradients of x and of the weights) runs at the rate of arithmetic. The
   * recurrent products read weight_hh anew in each step: below 16 sequences they are held to the
   * rate at which its level delivers it, if that is the lower one.
   *
   * @param gigaflops 1e9 floating-point operations a second, of all threads together
   * @param gigabytes 1e9 bytes a second, of the level where the recurrent weights live
   */
  public static double micros(Workload workload, double gigaflops, DoubleSupplier gigabytes) {
    Shape s = workload.shape();
    double all = workload.flops();
    if (s.batch() >= ENOUGH_SEQUENCES) {
      return all / gigaflops / 1e3;
    }
    int passes = workload.mode() == Mode.TRAINING ? 2 : 1;
    double reads = (double) workload.recurrentWeightBytes() * s.steps() * passes;
    double recurrent = reads / Float.BYTES * 2 * s.batch();
    double reading = reads / gigabytes.getAsDouble();
    return (Math.max(recurrent / gigaflops, reading) + (all - recurrent) / gigaflops) / 1e3;
  }

  /**
   * Bytes of recurrent weights that a thread reads: in a batch of one several threads divide them.
   */
  public static long home(Workload workload) {
    int sharing = workload.shape().batch() == 1 ? workload.threads() : 1;
    return workload.recurrentWeightBytes() / sharing;
  }
}
