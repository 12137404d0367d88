package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.cell.Initializer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PairwiseSumTest {
  private final RandomGenerator random = Initializer.random(5);

  /** The definition: a stretch is cut at the largest power of two that is less than its length. */
  private static float[] sum(float[][] shards, int from, int to) {
    if (to - from == 1) {
      return shards[from].clone();
    }
    int middle = from + Integer.highestOneBit(to - from - 1);
    float[] left = sum(shards, from, middle);
    float[] right = sum(shards, middle, to);
    for (int i = 0; i < left.length; i++) {
      left[i] += right[i];
    }
    return left;
  }

  @Test
  void addsTheSamePairsHoweverTheShardsAreDivided() {
    for (int count = 1; count <= 20; count++) {
      float[][] shards = new float[count][50];
      for (float[] shard : shards) {
        for (int i = 0; i < shard.length; i++) {
          shard[i] = random.nextFloat() - .5f;
        }
      }
      for (int workers = 1; workers <= count + 1; workers++) {
        PairwiseSum joined = new PairwiseSum(count);
        for (int w = 0; w < workers; w++) {
          PairwiseSum own = new PairwiseSum(count);
          for (int s = count * w / workers; s < count * (w + 1) / workers; s++) {
            own.push(0, s, shards[s].clone(), shards[s][0], 0, 50);
          }
          joined.push(own, 0, 50);
        }
        assertThat(joined.count()).isOne();
        assertThat(joined.values(0))
            .as("%d by %d", count, workers)
            .isEqualTo(sum(shards, 0, count));
        assertThat((float) joined.loss(0))
            .isBetween(joined.values(0)[0] - 1e-5f, joined.values(0)[0] + 1e-5f);
      }
    }
  }
}
