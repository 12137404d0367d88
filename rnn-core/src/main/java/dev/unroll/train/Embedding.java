package dev.unroll.train;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;

/** A row of numbers for each token, as {@code torch.nn.Embedding}. */
public final class Embedding {
  private final Parameters parameters;
  private final Slice weight;
  private final int tokens;
  private final int size;

  /**
   * Adds {@code weight [tokens, size]} to the parameters, as zeros.
   *
   * @param parameters what they are added to
   * @param prefix what its name begins with, e.g. {@code embedding.}
   * @param tokens size of the vocabulary V
   * @param size length of a row E
   */
  public Embedding(Parameters parameters, String prefix, int tokens, int size) {
    this.parameters = parameters;
    this.tokens = tokens;
    this.size = size;
    weight = parameters.add(prefix + "weight", tokens, size);
  }

  /** {@return the parameter {@code weight [tokens, size]}} */
  public Slice weight() {
    return weight;
  }

  /**
   * Looks up a row for each token.
   *
   * @param rows number of tokens
   * @param ids {@code [rows]}, each in 0..V-1
   * @param x {@code [rows, E]}, written
   * @throws IllegalArgumentException if an id is out of range
   */
  public void forward(int rows, int[] ids, float[] x) {
    float[] values = parameters.values();
    for (int r = 0; r < rows; r++) {
      int id = ids[r];
      if (id < 0 || id >= tokens) {
        throw new IllegalArgumentException(
            "Token " + r + " is " + id + ": the vocabulary has ids 0 to " + (tokens - 1) + ".");
      }
      System.arraycopy(values, weight.offset() + id * size, x, r * size, size);
    }
  }

  /**
   * Adds the gradients to the rows that were looked up, token by token.
   *
   * @param rows number of tokens
   * @param ids {@code [rows]}, as in forward
   * @param dx {@code [rows, E]}, the gradient of x
   */
  public void backward(int rows, int[] ids, float[] dx) {
    float[] gradients = parameters.gradients();
    for (int r = 0; r < rows; r++) {
      int to = weight.offset() + ids[r] * size;
      int from = r * size;
      for (int i = 0; i < size; i++) {
        gradients[to + i] += dx[from + i];
      }
    }
  }
}
