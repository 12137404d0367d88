package dev.unroll.bench.layer;

/**
 * The sizes of one recurrent layer's work.
 *
 * @param batch B, sequences
 * @param steps T, steps of each sequence
 * @param inputSize I, features of x
 * @param hiddenSize H, features of the state
 */
public record Shape(int batch, int steps, int inputSize, int hiddenSize) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public Shape {
    if (batch < 1 || steps < 1 || inputSize < 1 || hiddenSize < 1) {
      throw new IllegalArgumentException(
          "every size of a shape must be at least 1, but it is B=%d T=%d I=%d H=%d"
              .formatted(batch, steps, inputSize, hiddenSize));
    }
  }

  /** A shape with I = H, as the layers above the first have. */
  public static Shape square(int batch, int steps, int size) {
    return new Shape(batch, steps, size, size);
  }

  /**
   * Reads {@code B,T,I,H}.
   *
   * @throws IllegalArgumentException if the text is not four whole numbers of at least 1
   */
  public static Shape parse(String text) {
    String[] parts = text.trim().split("\\s*,\\s*", -1);
    int[] sizes = new int[4];
    try {
      if (parts.length != 4) {
        throw new NumberFormatException();
      }
      for (int i = 0; i < 4; i++) {
        sizes[i] = Integer.parseInt(parts[i]);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a shape is four whole numbers B,T,I,H such as 64,100,128,128, but it is '" + text + "'",
          e);
    }
    return new Shape(sizes[0], sizes[1], sizes[2], sizes[3]);
  }

  @Override
  public String toString() {
    return "B=%d T=%d I=%d H=%d".formatted(batch, steps, inputSize, hiddenSize);
  }
}
