package dev.unroll.cell;

/**
 * The sizes of a layer, from which a {@link Cell} tells how wide its states and its output are.
 *
 * @param hiddenSize H
 * @param projSize width that h is projected to, 0 for none
 * @param heads N, 1 for a cell without heads; divides H
 * @param keySize K, the width of a head's keys
 */
public record LayerSizes(int hiddenSize, int projSize, int heads, int keySize) {
  /** {@return the width of h: projSize, or hiddenSize without projection} */
  public int projectedSize() {
    return projSize > 0 ? projSize : hiddenSize;
  }

  /** {@return V, a head's share of the hidden units} */
  public int valueSize() {
    return hiddenSize / heads;
  }
}
