package dev.unroll.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * The sum over all shards of all peers. Each peer adds one slice of the parameters: it gets that
 * slice of everybody's sums, goes on with the tree, and sends the total to everybody (a
 * reduce-scatter and an all-gather). So each sends and receives about twice the gradient, however
 * many there are, and the order of additions is the tree's.
 */
final class Exchange {
  private final Peers peers;
  private final int size;
  private final PairwiseSum tree;

  /** The slices of everybody's sums, peer by peer. */
  private final PairwiseSum[] slices;

  private final ByteBuffer[] outgoing;
  private final ByteBuffer total;

  /**
   * Makes the buffers.
   *
   * @param shards how many there are in all
   * @param size number of parameters
   */
  Exchange(Peers peers, int shards, int size) {
    this.peers = peers;
    this.size = size;
    int count = peers.count();
    tree = new PairwiseSum(shards);
    slices = new PairwiseSum[count];
    outgoing = new ByteBuffer[count];
    int mine = length(peers.rank());
    for (int p = 0; p < count; p++) {
      slices[p] = new PairwiseSum(shards);
      for (int shard = bound(shards, p, count); shard < bound(shards, p + 1, count); shard++) {
        slices[p].push(0, shard, new float[0], 0, 0, 0);
      }
      for (int i = 0; i < slices[p].count(); i++) {
        slices[p].hold(i, new float[mine]);
      }
    }
    int sums = slices[peers.rank()].count();
    for (int p = 0; p < count; p++) {
      long bytes = sums * (8 + 4L * length(p));
      outgoing[p] = buffer(p == peers.rank() ? 0 : bytes);
    }
    total = buffer(4L * mine);
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@return where part {@code p} of {@code parts} about equal ones begins} */
  static int bound(int number, int p, int parts) {
    return (int) ((long) number * p / parts);
  }

  private int from(int p) {
    return bound(size, p, peers.count());
  }

  private int length(int p) {
    return from(p + 1) - from(p);
  }

  /**
   * Adds up what all peers have.
   *
   * @param own the sums of this peer's shards
   * @param gradient receives the values of the total
   * @return the loss of the total
   */
  double sum(PairwiseSum own, float[] gradient) {
    int rank = peers.rank();
    int count = peers.count();
    for (int d = 1; d < count; d++) {
      int p = (rank + d) % count;
      ByteBuffer message = outgoing[p].clear();
      for (int i = 0; i < own.count(); i++) {
        message.putDouble(own.loss(i));
      }
      FloatBuffer floats = message.asFloatBuffer();
      for (int i = 0; i < own.count(); i++) {
        floats.put(own.values(i), from(p), length(p));
      }
      peers.send(p, message.rewind());
    }
    int mine = length(rank);
    tree.clear();
    for (int p = 0; p < count; p++) {
      PairwiseSum slice = slices[p];
      if (p == rank) {
        for (int i = 0; i < slice.count(); i++) {
          System.arraycopy(own.values(i), from(rank), slice.values(i), 0, mine);
          slice.setLoss(i, own.loss(i));
        }
      } else {
        ByteBuffer message = peers.receive(p).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < slice.count(); i++) {
          slice.setLoss(i, message.getDouble());
        }
        FloatBuffer floats = message.asFloatBuffer();
        for (int i = 0; i < slice.count(); i++) {
          floats.get(slice.values(i));
        }
      }
      tree.push(slice, 0, mine);
    }
    float[] sum = tree.values(0);
    total.clear().asFloatBuffer().put(sum, 0, mine);
    System.arraycopy(sum, 0, gradient, from(rank), mine);
    for (int d = 1; d < count; d++) {
      peers.send((rank + d) % count, total);
    }
    for (int p = 0; p < count; p++) {
      if (p != rank) {
        ByteBuffer message = peers.receive(p).order(ByteOrder.LITTLE_ENDIAN);
        message.asFloatBuffer().get(gradient, from(p), length(p));
      }
    }
    return tree.loss(0);
  }
}
