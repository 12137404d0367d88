package dev.unroll.train;

/**
 * Sums of neighbouring shards in a binary tree that the number of shards alone defines: node i of
 * level l stands for the shards i·2^l to (i+1)·2^l - 1, as far as there are so many, and is the sum
 * of its two nodes below, or the only one there is. Shards, or whole nodes, are pushed from left to
 * right; whatever has its neighbour is added at once, so that few sums are kept and whoever starts
 * anywhere adds the same pairs. After the last push there is one sum, or, of a stretch of the
 * shards, the fewest nodes that make it up. Pushing allocates nothing.
 */
final class PairwiseSum {
  private final int shards;
  private final int[] levels = new int[2 * Integer.SIZE];
  private final int[] indices = new int[2 * Integer.SIZE];
  private final float[][] values = new float[2 * Integer.SIZE][];
  private final double[] losses = new double[2 * Integer.SIZE];
  private int count;

  PairwiseSum(int shards) {
    this.shards = shards;
  }

  void clear() {
    count = 0;
  }

  /** {@return how many sums there are} */
  int count() {
    return count;
  }

  /** {@return the array that holds a sum: the one that was pushed for its leftmost shard} */
  float[] values(int i) {
    return values[i];
  }

  /** {@return the loss of a sum} */
  double loss(int i) {
    return losses[i];
  }

  /** Puts another array in the place of a sum's. */
  void hold(int i, float[] sum) {
    values[i] = sum;
  }

  void setLoss(int i, double loss) {
    losses[i] = loss;
  }

  /** Pushes all sums of a stretch further right; of their values, those from..to. */
  void push(PairwiseSum other, int from, int to) {
    for (int i = 0; i < other.count; i++) {
      push(other.levels[i], other.indices[i], other.values[i], other.losses[i], from, to);
    }
  }

  /**
   * Pushes a node, whose neighbour on the left has been pushed before, if anything has.
   *
   * @param level 0 for a shard
   * @param index its place in the level
   * @param sum its values, of which from..to are added and may be written
   * @param loss its loss
   */
  void push(int level, int index, float[] sum, double loss, int from, int to) {
    levels[count] = level;
    indices[count] = index;
    values[count] = sum;
    losses[count] = loss;
    count++;
    while (true) {
      int top = count - 1;
      int l = levels[top];
      int i = indices[top];
      if (top > 0 && (i & 1) == 1 && levels[top - 1] == l && indices[top - 1] == i - 1) {
        count = top;
        losses[top - 1] += losses[top];
        add(values[top - 1], values[top], from, to);
      } else if ((i & 1) == 1 || 1L << l >= shards || (i + 1L) << l < shards) {
        return;
      }
      levels[count - 1] = l + 1;
      indices[count - 1] = i >> 1;
    }
  }

  private static void add(float[] into, float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      into[i] += values[i];
    }
  }
}
