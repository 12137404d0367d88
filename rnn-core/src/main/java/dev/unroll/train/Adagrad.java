package dev.unroll.train;

import java.util.List;

/**
 * Adagrad (Duchi et al. 2011) as in {@code torch.optim.Adagrad}: with weight decay λ,
 *
 * <pre>
 * g += λ p
 * s += g²
 * p -= lr g / (sqrt(s) + eps)
 * </pre>
 */
public final class Adagrad extends BaseOptimizer {
  private final double epsOutside;
  private final double epsInside;
  private float[] sum = NO_STATE;

  private Adagrad(double learningRate, double weightDecay, double epsOutside, double epsInside) {
    super(learningRate, weightDecay);
    this.epsOutside = atLeastZero("eps", epsOutside);
    this.epsInside = atLeastZero("eps", epsInside);
  }

  /**
   * Creates the optimizer with eps = 1e-10.
   *
   * @param learningRate lr
   */
  public Adagrad(double learningRate) {
    this(learningRate, 1e-10, 0);
  }

  /**
   * Creates the optimizer.
   *
   * @param learningRate lr
   * @param eps added to the root
   * @param weightDecay λ
   * @throws IllegalArgumentException if a number is negative
   */
  public Adagrad(double learningRate, double eps, double weightDecay) {
    this(learningRate, weightDecay, eps, 0);
  }

  /**
   * {@return the form of min-char-rnn (Karpathy 2015), p -= lr g / sqrt(s + eps)}
   *
   * @param learningRate lr
   * @param eps added under the root, there 1e-8
   */
  public static Adagrad withEpsInsideRoot(double learningRate, double eps) {
    return new Adagrad(learningRate, 0, 0, eps);
  }

  @Override
  public List<float[]> memory() {
    return List.of(sum);
  }

  @Override
  void begin(int size) {
    sum = state(sum, size);
  }

  @Override
  void update(float[] p, float[] g, int from, int to, double weightDecay) {
    float[] s = sum;
    float lr = (float) learningRate();
    float decay = (float) weightDecay;
    float outside = (float) epsOutside;
    float inside = (float) epsInside;
    for (int i = from; i < to; i++) {
      float gradient = g[i] + decay * p[i];
      s[i] += gradient * gradient;
      p[i] -= lr * gradient / ((float) Math.sqrt(s[i] + inside) + outside);
    }
  }
}
