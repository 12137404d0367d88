package dev.unroll.train;

import java.util.List;

/**
 * RMSprop (Tieleman and Hinton 2012) as in {@code torch.optim.RMSprop}: with smoothing α, momentum
 * μ and weight decay λ,
 *
 * <pre>
 * g += λ p
 * s  = α s + (1 - α) g²
 * b  = μ b + g / (sqrt(s) + eps)
 * p -= lr b
 * </pre>
 */
public final class RmsProp extends BaseOptimizer {
  private final double alpha;
  private final double eps;
  private final double momentum;
  private float[] square = NO_STATE;
  private float[] buffer = NO_STATE;

  /**
   * Creates the optimizer with α = .99, eps = 1e-8 and no momentum.
   *
   * @param learningRate lr
   */
  public RmsProp(double learningRate) {
    this(learningRate, .99, 1e-8, 0, 0);
  }

  /**
   * Creates the optimizer.
   *
   * @param learningRate lr
   * @param alpha α, in [0, 1)
   * @param eps added to the root
   * @param weightDecay λ
   * @param momentum μ, in [0, 1)
   * @throws IllegalArgumentException if a number is out of range
   */
  public RmsProp(
      double learningRate, double alpha, double eps, double weightDecay, double momentum) {
    super(learningRate, weightDecay);
    this.alpha = fraction("alpha", alpha);
    this.eps = atLeastZero("eps", eps);
    this.momentum = fraction("momentum", momentum);
  }

  @Override
  public List<float[]> memory() {
    return List.of(square, buffer);
  }

  @Override
  void begin(int size) {
    square = state(square, size);
    buffer = state(buffer, size);
  }

  @Override
  void update(float[] p, float[] g, int from, int to, double weightDecay) {
    float[] s = square;
    float[] b = buffer;
    float lr = (float) learningRate();
    float decay = (float) weightDecay;
    float keep = (float) alpha;
    float take = (float) (1 - alpha);
    float small = (float) eps;
    float mu = (float) momentum;
    for (int i = from; i < to; i++) {
      float gradient = g[i] + decay * p[i];
      s[i] = keep * s[i] + take * gradient * gradient;
      b[i] = mu * b[i] + gradient / ((float) Math.sqrt(s[i]) + small);
      p[i] -= lr * b[i];
    }
  }
}
