package dev.unroll.bench.roofline;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Workload;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The least time that a machine's ceilings allow a workload whose matrix products are taken one
 * after another, as all libraries here do.
 */
public final class Floor {
  /**
   * A cache that each core has for itself.
   *
   * @param bytes what those of all threads hold together
   * @param gigabytes 1e9 bytes a second that they deliver together
   */
  public record Cache(double bytes, double gigabytes) {}

  private Floor() {}

  /**
   * The least time of one call, in microseconds. What does not depend on the step before it (the
   * input product, the gradients of x and of the weights) runs at the rate of arithmetic. The
   * recurrent products run at that rate too, or at the rate at which weight_hh is read if that is
   * lower: each step needs all of it again. Each cache can have kept as many bytes as it holds; the
   * rest, wherever it lies, comes through the last of these caches and no faster than from there.
   *
   * <p>Caches that cores share and memory are no part of this: what they deliver depends on how
   * much is read and on who else reads, so that no probe of them gives a bound.
   *
   * @param gigaflops 1e9 floating-point operations a second, of all threads together
   * @param own nearest first; none leaves arithmetic alone
   */
  public static double micros(Workload workload, double gigaflops, List<Cache> own) {
    int passes = workload.mode() == Mode.TRAINING ? 2 : 1;
    double weights = workload.recurrentWeightBytes();
    double reads = (double) workload.shape().steps() * passes;
    double recurrent = reads * weights / Float.BYTES * 2 * workload.shape().batch();
    double rest = workload.flops() - recurrent;
    return (Math.max(recurrent / gigaflops, reads * reading(weights, own)) + rest / gigaflops)
        / 1e3;
  }

  /**
   * The time of the shortest chain of operations in which each needs the one before, in
   * microseconds, as if everything else cost nothing. In each step it is a unit's sum, whose terms
   * are added in order (one for each unit, on the way back one for each gate of each unit), and
   * forward its activations one after another.
   *
   * @param fmaNanos from one fused multiply-add to the next that needs it
   * @param activationNanos likewise
   * @return none for a cell whose steps have another chain
   */
  public static OptionalDouble chainMicros(
      Workload workload, double fmaNanos, double activationNanos) {
    if (!Workload.CELLS.contains(workload.cell())) {
      return OptionalDouble.empty();
    }
    int activations = workload.gates() == 1 ? 1 : 2; // gates of a unit side by side, then its tanh
    int back = workload.mode() == Mode.TRAINING ? workload.gates() : 0;
    double terms = (1.0 + back) * workload.shape().hiddenSize();
    return OptionalDouble.of(
        workload.shape().steps() * (terms * fmaNanos + activations * activationNanos) / 1e3);
  }

  /** Nanoseconds to read so many bytes once more. */
  private static double reading(double bytes, List<Cache> own) {
    double left = bytes;
    double nanos = 0;
    for (int i = 0; i < own.size(); i++) {
      Cache cache = own.get(i);
      double here = i == own.size() - 1 ? left : Math.min(left, cache.bytes());
      nanos += here / cache.gigabytes();
      left -= here;
    }
    return nanos;
  }
}
