package dev.unroll.train;

import dev.unroll.cell.Parameters;

/** Ways to keep exploding gradients in bounds (Pascanu et al. 2013). */
public final class GradientClipping {

  private GradientClipping() {}

  /**
   * Clamps every gradient to [-limit, limit].
   *
   * @param parameters whose gradients
   * @param limit at least 0
   * @throws IllegalArgumentException if the limit is negative or not a number
   */
  public static void byValue(Parameters parameters, float limit) {
    BaseOptimizer.atLeastZero("limit", limit);
    float[] g = parameters.gradients();
    for (int i = 0; i < g.length; i++) {
      g[i] = Math.max(-limit, Math.min(limit, g[i]));
    }
  }

  /**
   * Scales all gradients by maxNorm / (norm + 1e-6) where that is below 1, as {@code
   * torch.nn.utils.clip_grad_norm_} does.
   *
   * @param parameters whose gradients
   * @param maxNorm largest Euclidean norm of all gradients together, at least 0
   * @return the norm before
   * @throws IllegalArgumentException if maxNorm is negative or not a number
   */
  public static double byGlobalNorm(Parameters parameters, double maxNorm) {
    BaseOptimizer.atLeastZero("largest norm", maxNorm);
    double norm = globalNorm(parameters);
    double scale = maxNorm / (norm + 1e-6);
    if (scale < 1) {
      float factor = (float) scale;
      float[] g = parameters.gradients();
      for (int i = 0; i < g.length; i++) {
        g[i] *= factor;
      }
    }
    return norm;
  }

  /**
   * {@return the Euclidean norm of all gradients together}
   *
   * @param parameters whose gradients
   */
  public static double globalNorm(Parameters parameters) {
    float[] g = parameters.gradients();
    // Four sums that need not wait for each other; always four, so that the bits stay the same.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= g.length; i += 4) {
      s0 += (double) g[i] * g[i];
      s1 += (double) g[i + 1] * g[i + 1];
      s2 += (double) g[i + 2] * g[i + 2];
      s3 += (double) g[i + 3] * g[i + 3];
    }
    for (; i < g.length; i++) {
      s0 += (double) g[i] * g[i];
    }
    return Math.sqrt((s0 + s1) + (s2 + s3));
  }
}
