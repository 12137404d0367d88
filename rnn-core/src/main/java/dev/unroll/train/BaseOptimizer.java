package dev.unroll.train;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What every optimizer has: a learning rate, a weight decay and state as long as the parameters.
 */
abstract sealed class BaseOptimizer implements Optimizer permits Sgd, Adagrad, RmsProp, Adam {
  static final float[] NO_STATE = {};

  private double learningRate;
  private final double weightDecay;
  private Predicate<Slice> decays = slice -> true;

  /** Where stretches of parameters end: with weight decay, without, with, ... */
  private int[] ends = {};

  /** The number of parameters, 0 before the first step. */
  private int size;

  BaseOptimizer(double learningRate, double weightDecay) {
    this.learningRate = atLeastZero("learning rate", learningRate);
    this.weightDecay = atLeastZero("weight decay", weightDecay);
  }

  @Override
  public final double learningRate() {
    return learningRate;
  }

  @Override
  public final void setLearningRate(double learningRate) {
    this.learningRate = atLeastZero("learning rate", learningRate);
  }

  @Override
  public final void decayOnly(Predicate<Slice> decays) {
    this.decays = decays;
    ends = new int[0];
  }

  @Override
  public final void step(Parameters parameters) {
    float[] p = parameters.values();
    float[] g = parameters.gradients();
    if (size != p.length && size > 0) {
      throw new IllegalArgumentException(
          "This optimizer has stepped "
              + size
              + " parameters and now gets "
              + p.length
              + ": give each model its own optimizer.");
    }
    size = p.length;
    if (ends.length == 0) {
      ends = ends(parameters);
    }
    begin(size);
    int from = 0;
    for (int i = 0; i < ends.length; i++) {
      update(p, g, from, ends[i], i % 2 == 0 ? weightDecay : 0);
      from = ends[i];
    }
    parameters.changed();
  }

  @Override
  public final void resume(long steps, List<float[]> memory) {
    if (size > 0) {
      throw new IllegalStateException("This optimizer has stepped already: resume with a new one.");
    }
    if (memory.size() != memory().size()) {
      throw new IllegalArgumentException(
          "This optimizer remembers "
              + memory().size()
              + " arrays, but "
              + memory.size()
              + " were given.");
    }
    size = memory.isEmpty() ? 0 : memory.getFirst().length;
    for (long step = 0; step < steps; step++) {
      begin(size);
    }
    for (int i = 0; i < memory.size(); i++) {
      System.arraycopy(memory.get(i), 0, memory().get(i), 0, size);
    }
  }

  private int[] ends(Parameters parameters) {
    IntStream.Builder found = IntStream.builder();
    boolean decaying = true;
    for (Slice slice : parameters.slices()) {
      if (decays.test(slice) != decaying) {
        found.accept(slice.offset());
        decaying = !decaying;
      }
    }
    return found.add(parameters.size()).build().toArray();
  }

  /** Begins a step over some number of parameters. */
  abstract void begin(int size);

  /** Makes the step for the parameters from .. to. */
  abstract void update(float[] p, float[] g, int from, int to, double weightDecay);

  /** {@return the state array; the first step creates it, filled with zeros} */
  static float[] state(float[] state, int size) {
    return state.length == 0 ? new float[size] : state;
  }

  static double atLeastZero(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(
          "The " + name + " is " + value + ": at least 0 is needed.");
    }
    return value;
  }

  static double fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "The " + name + " is " + value + ": at least 0 and less than 1 is needed.");
    }
    return value;
  }
}
