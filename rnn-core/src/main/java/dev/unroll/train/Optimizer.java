package dev.unroll.train;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import java.util.List;
import java.util.function.Predicate;

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

  /**
   * Restricts the weight decay to some tensors; at first all have it, as in PyTorch. Without the
   * biases:
   *
   * <pre>
   * optimizer.decayOnly(slice -> !slice.isBias());
   * </pre>
   *
   * @param decays whether a tensor has weight decay
   */
  void decayOnly(Predicate<Slice> decays);

  /**
   * {@return what this optimizer remembers of its steps, besides their number: its own arrays, each
   * as long as the parameters, or empty before the first step}
   *
   * @throws UnsupportedOperationException if it cannot tell; all of this package can
   */
  default List<float[]> memory() {
    throw new UnsupportedOperationException("This optimizer does not tell what it remembers.");
  }

  /**
   * Goes on where an optimizer of the same kind, with the same numbers, was.
   *
   * @param steps that it had made
   * @param memory its {@link #memory()}, which is copied
   * @throws IllegalStateException if this one has made a step
   * @throws IllegalArgumentException if the memory is that of another kind
   * @throws UnsupportedOperationException if it cannot; all of this package can
   */
  default void resume(long steps, List<float[]> memory) {
    throw new UnsupportedOperationException("This optimizer cannot go on where another was.");
  }

  /**
   * {@return this optimizer with a learning rate that follows a schedule from its step 0 on; it is
   * to be used in the place of this one, and setting its rate sets what the schedule multiplies}
   *
   * @param schedule what the rate is multiplied by
   */
  default Optimizer with(Schedule schedule) {
    return new Scheduled(this, schedule);
  }
}
