package dev.unroll.train;

import java.util.List;

/**
 * Adam (Kingma and Ba 2015) as in {@code torch.optim.Adam}: with weight decay λ, at step t = 1, 2,
 * ...
 *
 * <pre>
 * g += λ p                                 (AdamW instead: p -= lr λ p)
 * m  = β1 m + (1 - β1) g
 * v  = β2 v + (1 - β2) g²
 * p -= lr / (1 - β1^t) · m / (sqrt(v) / sqrt(1 - β2^t) + eps)
 * </pre>
 */
public sealed class Adam extends BaseOptimizer permits AdamW {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final boolean decoupled;
  private double beta1Power = 1;
  private double beta2Power = 1;
  private float[] mean = NO_STATE;
  private float[] square = NO_STATE;

  /**
   * Creates the optimizer with β1 = .9, β2 = .999, eps = 1e-8 and no weight decay.
   *
   * @param learningRate lr
   */
  public Adam(double learningRate) {
    this(learningRate, .9, .999, 1e-8, 0);
  }

  /**
   * Creates the optimizer.
   *
   * @param learningRate lr
   * @param beta1 β1, in [0, 1)
   * @param beta2 β2, in [0, 1)
   * @param eps added to the root
   * @param weightDecay λ, added to the gradient
   * @throws IllegalArgumentException if a number is out of range
   */
  public Adam(double learningRate, double beta1, double beta2, double eps, double weightDecay) {
    this(learningRate, beta1, beta2, eps, weightDecay, false);
  }

  Adam(
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupled) {
    super(learningRate, weightDecay);
    this.beta1 = fraction("beta1", beta1);
    this.beta2 = fraction("beta2", beta2);
    this.eps = atLeastZero("eps", eps);
    this.decoupled = decoupled;
  }

  @Override
  public final List<float[]> memory() {
    return List.of(mean, square);
  }

  @Override
  final void begin(int size) {
    mean = state(mean, size);
    square = state(square, size);
    beta1Power *= beta1;
    beta2Power *= beta2;
  }

  @Override
  final void update(float[] p, float[] g, int from, int to, double weightDecay) {
    float[] m = mean;
    float[] v = square;
    float shrink = (float) (decoupled ? 1 - learningRate() * weightDecay : 1);
    float decay = (float) (decoupled ? 0 : weightDecay);
    float keep1 = (float) beta1;
    float take1 = (float) (1 - beta1);
    float keep2 = (float) beta2;
    float take2 = (float) (1 - beta2);
    float rate = (float) (learningRate() / (1 - beta1Power));
    float correction = (float) (1 / Math.sqrt(1 - beta2Power));
    float small = (float) eps;
    for (int i = from; i < to; i++) {
      float value = shrink * p[i];
      float gradient = g[i] + decay * value;
      m[i] = keep1 * m[i] + take1 * gradient;
      v[i] = keep2 * v[i] + take2 * gradient * gradient;
      p[i] = value - rate * m[i] / ((float) Math.sqrt(v[i]) * correction + small);
    }
  }
}
