package dev.unroll.train;

import java.util.List;

/**
 * Stochastic gradient descent as in {@code torch.optim.SGD}: with momentum μ and weight decay λ,
 *
 * <pre>
 * g += λ p
 * b  = μ b + g        (b = g at the first step)
 * p -= lr b           (Nesterov: p -= lr (g + μ b))
 * </pre>
 */
public final class Sgd extends BaseOptimizer {
  private final double momentum;
  private final boolean nesterov;
  private float[] buffer = NO_STATE;

  /**
   * Creates plain gradient descent.
   *
   * @param learningRate lr
   */
  public Sgd(double learningRate) {
    this(learningRate, 0, 0, false);
  }

  /**
   * Creates gradient descent with momentum.
   *
   * @param learningRate lr
   * @param momentum μ, in [0, 1)
   * @param weightDecay λ
   * @param nesterov whether to look ahead
   * @throws IllegalArgumentException if a number is out of range
   */
  public Sgd(double learningRate, double momentum, double weightDecay, boolean nesterov) {
    super(learningRate, weightDecay);
    this.momentum = fraction("momentum", momentum);
    this.nesterov = nesterov;
  }

  @Override
  public List<float[]> memory() {
    return momentum > 0 ? List.of(buffer) : List.of();
  }

  @Override
  void begin(int size) {
    if (momentum > 0) {
      buffer = state(buffer, size);
    }
  }

  @Override
  void update(float[] p, float[] g, int from, int to, double weightDecay) {
    float lr = (float) learningRate();
    float decay = (float) weightDecay;
    if (momentum == 0) {
      for (int i = from; i < to; i++) {
        p[i] -= lr * (g[i] + decay * p[i]);
      }
    } else {
      // From zeros, the first step leaves b = g as it should.
      float[] b = buffer;
      float mu = (float) momentum;
      float ahead = nesterov ? mu : 1f;
      float now = nesterov ? 1f : 0f;
      for (int i = from; i < to; i++) {
        float gradient = g[i] + decay * p[i];
        b[i] = mu * b[i] + gradient;
        p[i] -= lr * (now * gradient + ahead * b[i]);
      }
    }
  }
}
