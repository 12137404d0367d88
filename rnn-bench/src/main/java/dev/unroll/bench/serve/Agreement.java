package dev.unroll.bench.serve;

import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.peer.StreamServer;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.serve.StreamsFork.Load;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Whether a library answers as ours does, before it is timed. */
final class Agreement {
  private static final long SEED = 20_26;
  private static final int BATCHES = 40;

  private Agreement() {}

  /**
   * Steps a server's streams, which are at the beginning, and fresh ones of ours with floats, in
   * changing company.
   *
   * @param tolerance how far its outputs, which are at most 1, may be from ours
   * @return the largest difference
   * @throws IllegalStateException if it is too large
   */
  static double require(ServedLayer layer, Load load, StreamServer server, double tolerance)
      throws Exception {
    Shape s = layer.workload().shape();
    Random random = new Random(SEED);
    int streams = Math.min(load.streams(), 2 * load.batch() + 1);
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      numbers.add(i);
    }
    StreamServer ours =
        new UnrollPeer().serve(layer.workload(), layer.operands(), load.batch()).orElseThrow();
    ours.open(streams);
    double largest = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      Collections.shuffle(numbers, random);
      int count = 1 + random.nextInt(Math.min(load.batch(), streams));
      int[] together = numbers.stream().limit(count).mapToInt(i -> i).toArray();
      float[] x = new float[count * s.inputSize()];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      float[] expected = new float[count * s.hiddenSize()];
      float[] actual = new float[expected.length];
      ours.step(together, count, x, expected);
      server.step(together, count, x, actual);
      for (int i = 0; i < expected.length; i++) {
        double off = Math.abs(expected[i] - actual[i]);
        largest = off > largest || Double.isNaN(off) ? off : largest;
      }
    }
    if (!(largest <= tolerance)) {
      throw new IllegalStateException(
          "outputs differ from ours with floats by " + largest + "; nothing was timed");
    }
    return largest;
  }
}
