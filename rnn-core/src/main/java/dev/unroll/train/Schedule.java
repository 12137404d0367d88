package dev.unroll.train;

/**
 * How the learning rate changes during a training: what the optimizer's own rate is multiplied by
 * before each step. {@link Optimizer#with(Schedule)} follows one. Formulas are those of {@code
 * torch.optim.lr_scheduler}, with t the number of steps made so far.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * {@return the factor of a step}
   *
   * @param t the steps before it
   */
  double factor(long t);

  /** {@return the same rate throughout} */
  static Schedule constant() {
    return t -> 1;
  }

  /**
   * Multiplies the rate by gamma after every so many steps: gamma^⌊t / every⌋ ({@code StepLR}).
   *
   * @param every at least 1
   * @param gamma at least 0
   * @return the schedule
   * @throws IllegalArgumentException if a number is out of range
   */
  static Schedule step(int every, double gamma) {
    atLeastOne("length of a step schedule's stairs", every);
    BaseOptimizer.atLeastZero("gamma of a step schedule", gamma);
    return t -> StrictMath.pow(gamma, (double) Math.floorDiv(t, every));
  }

  /**
   * Goes from 1 to a least factor along half a cosine: least + (1 - least) (1 + cos(π t / steps)) /
   * 2 ({@code CosineAnnealingLR}; Loshchilov and Hutter 2017). After these steps it rises again.
   *
   * @param steps {@code T_max}, at least 1
   * @param least {@code eta_min} by the optimizer's own rate, at least 0
   * @return the schedule
   * @throws IllegalArgumentException if a number is out of range
   */
  static Schedule cosine(int steps, double least) {
    atLeastOne("length of a cosine schedule", steps);
    BaseOptimizer.atLeastZero("least factor of a cosine schedule", least);
    // Of the JDK's cosines, StrictMath's has the same bits everywhere; it makes a small array.
    return t -> least + (1 - least) * (1 + StrictMath.cos(Math.PI * t / steps)) / 2;
  }

  /**
   * This schedule behind a warm-up, in which the factor rises from {@code start} to 1 along a line
   * ({@code LinearLR} and this one in a {@code SequentialLR}).
   *
   * @param steps of the warm-up; this schedule's t begins after them; 0 for no warm-up
   * @param start factor of the first step, at least 0
   * @return both as one schedule
   * @throws IllegalArgumentException if a number is out of range
   */
  default Schedule afterWarmUp(int steps, double start) {
    BaseOptimizer.atLeastZero("length of a warm-up", steps);
    BaseOptimizer.atLeastZero("start of a warm-up", start);
    return t -> t < steps ? start + (1 - start) * t / steps : factor(t - steps);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "The " + name + " is " + value + ": at least 1 is needed.");
    }
  }
}
