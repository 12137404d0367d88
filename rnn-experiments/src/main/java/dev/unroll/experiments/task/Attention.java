package dev.unroll.experiments.task;

import java.util.Arrays;

/**
 * Dot-product attention of a decoder over an encoder (Luong et al. 2015, "dot"; exercise 9 of seed
 * 003 is one row of it):
 *
 * <pre>
 * score[u, b, t]   = query[u, b] · key[t, b]        for t &lt; length[b]
 * weight[u, b, :]  = softmax(score[u, b, :])
 * context[u, b]    = sum over t of weight[u, b, t] key[t, b]
 * </pre>
 *
 * <p>U queries and T keys for each of B sequences, all of S numbers, time-major. Padded keys get no
 * weight. Sums are taken in double.
 */
public final class Attention {
  private final int queries;
  private final int keys;
  private final int batch;
  private final int size;
  private final double[] weights;

  /**
   * Makes the buffer.
   *
   * @param queries U
   * @param keys T
   * @param batch B
   * @param size S
   */
  public Attention(int queries, int keys, int batch, int size) {
    this.queries = queries;
    this.keys = keys;
    this.batch = batch;
    this.size = size;
    weights = new double[queries * batch * keys];
  }

  /** The weights {@code [U, B, T]} of the last forward, the live array. */
  public double[] weights() {
    return weights;
  }

  /**
   * Computes the contexts.
   *
   * @param query {@code [U, B, S]}
   * @param key {@code [T, B, S]}
   * @param lengths {@code [B]}, each in 1..T
   * @param context {@code [U, B, S]}, written
   */
  public void forward(float[] query, float[] key, int[] lengths, float[] context) {
    double[] sum = new double[size];
    for (int row = 0; row < queries * batch; row++) {
      int b = row % batch;
      int from = row * keys;
      Arrays.fill(weights, from, from + keys, 0);
      double max = Double.NEGATIVE_INFINITY;
      for (int t = 0; t < lengths[b]; t++) {
        weights[from + t] = dot(query, row, key, t * batch + b);
        max = Math.max(max, weights[from + t]);
      }
      double total = 0;
      for (int t = 0; t < lengths[b]; t++) {
        weights[from + t] = StrictMath.exp(weights[from + t] - max);
        total += weights[from + t];
      }
      Arrays.fill(sum, 0);
      for (int t = 0; t < lengths[b]; t++) {
        weights[from + t] /= total;
        addTo(sum, weights[from + t], key, t * batch + b);
      }
      for (int i = 0; i < size; i++) {
        context[row * size + i] = (float) sum[i];
      }
    }
  }

  /**
   * Adds the gradients of the last forward's queries and keys.
   *
   * @param query {@code [U, B, S]}, as in forward
   * @param key {@code [T, B, S]}, as in forward
   * @param lengths {@code [B]}, as in forward
   * @param gradContext {@code [U, B, S]}
   * @param gradQuery {@code [U, B, S]}, added to
   * @param gradKey {@code [T, B, S]}, added to
   */
  public void backward(
      float[] query,
      float[] key,
      int[] lengths,
      float[] gradContext,
      float[] gradQuery,
      float[] gradKey) {
    double[] gradWeight = new double[keys];
    for (int row = 0; row < queries * batch; row++) {
      int b = row % batch;
      double mean = 0;
      for (int t = 0; t < lengths[b]; t++) {
        gradWeight[t] = dot(gradContext, row, key, t * batch + b);
        mean += weights[row * keys + t] * gradWeight[t];
      }
      for (int t = 0; t < lengths[b]; t++) {
        double weight = weights[row * keys + t];
        double gradScore = weight * (gradWeight[t] - mean);
        int at = (t * batch + b) * size;
        for (int i = 0; i < size; i++) {
          gradQuery[row * size + i] += (float) (gradScore * key[at + i]);
          gradKey[at + i] +=
              (float) (weight * gradContext[row * size + i] + gradScore * query[row * size + i]);
        }
      }
    }
  }

  private double dot(float[] a, int rowOfA, float[] b, int rowOfB) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += (double) a[rowOfA * size + i] * b[rowOfB * size + i];
    }
    return sum;
  }

  private void addTo(double[] sum, double weight, float[] key, int row) {
    for (int i = 0; i < size; i++) {
      sum[i] += weight * key[row * size + i];
    }
  }
}
