package dev.unroll.train;

/**
 * What every optimizer has: a learning rate, a weight decay and state as long as the parameters.
 */
abstract sealed class BaseOptimizer implements Optimizer permits Sgd, Adagrad, RmsProp, Adam {
  static final float[] NO_STATE = {};

  private double learningRate;
  final double weightDecay;

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

  /** Returns the state array; the first step creates it, filled with zeros. */
  static float[] state(float[] state, int size) {
    if (state.length == 0) {
      return new float[size];
    }
    if (state.length != size) {
      throw new IllegalArgumentException(
          "This optimizer has stepped "
              + state.length
              + " parameters and now gets "
              + size
              + ": give each model its own optimizer.");
    }
    return state;
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
