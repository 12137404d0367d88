package dev.unroll.train;

import dev.unroll.cell.Parameters;

/**
 * Changes parameters along their gradients. The formulas, the defaults and their names are those of
 * {@code torch.optim}; g is the gradient, p the parameter. All arithmetic is in float, element by
 * element, so that results do not depend on vector width or threads.
 *
 * <p>An optimizer keeps state for one set of parameters. The first step allocates it, later steps
 * allocate nothing. Not thread-safe.
 */
public interface Optimizer {
  /**
   * Makes one step and calls {@link Parameters#changed()}; the gradients stay as they are.
   *
   * @param parameters always the same set
   * @throws IllegalArgumentException if the set has another size than at the first step
   */
  void step(Parameters parameters);

  /** {@return the learning rate of the next step} */
  double learningRate();

  /**
   * Sets the learning rate from the next step on.
   *
   * @param learningRate at least 0
   * @throws IllegalArgumentException if it is negative or not a number
   */
  void setLearningRate(double learningRate);
}
