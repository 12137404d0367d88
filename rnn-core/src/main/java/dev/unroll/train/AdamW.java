package dev.unroll.train;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) as in {@code torch.optim.AdamW}:
 * the decay shrinks the parameters directly and stays out of the moments; see {@link Adam}.
 */
public final class AdamW extends Adam {
  /**
   * Creates the optimizer with β1 = .9, β2 = .999, eps = 1e-8 and weight decay .01.
   *
   * @param learningRate lr
   */
  public AdamW(double learningRate) {
    this(learningRate, .9, .999, 1e-8, .01);
  }

  /**
   * Creates the optimizer.
   *
   * @param learningRate lr
   * @param beta1 β1, in [0, 1)
   * @param beta2 β2, in [0, 1)
   * @param eps added to the root
   * @param weightDecay λ
   * @throws IllegalArgumentException if a number is out of range
   */
  public AdamW(double learningRate, double beta1, double beta2, double eps, double weightDecay) {
    super(learningRate, beta1, beta2, eps, weightDecay, true);
  }
}
