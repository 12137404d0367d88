package dev.unroll.train;

import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model.Readout;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The passes of a {@link Session} with a batch that is cut into shards of a fixed number of
 * sequences, the last one perhaps smaller. The gradient of each shard is summed alone, and the
 * shards are added in a binary tree that their number alone defines. So loss and gradients have the
 * same bits whoever computed which shard: one thread or many, one process or many. They differ by
 * rounding from those of a whole batch and from those of other shards. A training step is
 *
 * <pre>
 * double loss = session.crossEntropy(tokens, state, null, state, targets);
 * GradientClipping.byGlobalNorm(model.parameters(), 5);
 * optimizer.step(model.parameters());
 * </pre>
 *
 * <p>A thread takes whole shards, so more threads than shards are of no use; each but the first has
 * a copy of the model. A shard of few sequences makes narrow products, which are slow in a large
 * network. In one process nothing is allocated per batch. Not thread-safe.
 */
public final class ShardedSession {
  private final Model model;
  private final int steps;
  private final int batch;
  private final int shardSize;
  private final boolean lastOnly;

  /** Those of a state, all directions together. */
  private final int layers;

  /** Of the parts of a state. */
  private final int[] widths;

  private final Team team;

  private final Peers peers;

  /** Null where this process is alone. */
  private final @Nullable Exchange exchange;

  private final Worker[] workers;
  private final Team.Task passes = this::passes;
  private final Team.Task sums = this::sums;
  private long dropoutSeed;
  private long dropoutPass;

  // The arguments of the call in progress.
  private int[] tokens = {};
  private int[] targets = {};
  private int @Nullable [] lengths;
  private @Nullable State initial;
  private @Nullable State last;
  private int rows;

  /**
   * Makes the buffers for batches of one shape.
   *
   * @param model with an embedding of tokens
   * @param steps T
   * @param batch B, of all processes together
   * @param readout which steps are read out
   * @param shardSize sequences of a shard, at least 1; with T, B and the model it defines the bits
   * @param team the threads of this process
   * @param peers the processes, each with a session of the same shape and the same parameters
   * @throws IllegalArgumentException if a size is not positive or too large for Java arrays
   */
  public ShardedSession(
      Model model, int steps, int batch, Readout readout, int shardSize, Team team, Peers peers) {
    if (shardSize < 1) {
      throw new IllegalArgumentException("Shards of " + shardSize + " sequences: use at least 1.");
    }
    model.embeddingOfTokens();
    this.model = model;
    this.steps = steps;
    this.batch = batch;
    this.shardSize = Math.min(shardSize, batch);
    this.team = team;
    this.peers = peers;
    lastOnly = readout == Readout.LAST_STEP;
    RecurrentConfig config = model.config().recurrent();
    layers = config.numLayers() * config.numDirections();
    widths = config.cell().states().stream().mapToInt(config::width).toArray();
    int shards = Math.ceilDiv(batch, shardSize);
    int size = model.parameters().size();
    exchange = peers.count() == 1 ? null : new Exchange(peers, shards, size);
    int from = Exchange.bound(shards, peers.rank(), peers.count());
    int own = Exchange.bound(shards, peers.rank() + 1, peers.count()) - from;
    workers = new Worker[team.threads()];
    for (int w = 0; w < workers.length; w++) {
      workers[w] =
          new Worker(
              w == 0 ? model : new Model(model.config()),
              shards,
              from + Exchange.bound(own, w, workers.length),
              from + Exchange.bound(own, w + 1, workers.length),
              readout);
    }
  }

  /**
   * Sets the seed of what is dropped between layers; which units are dropped is also independent of
   * the shards.
   *
   * @param seed any number
   */
  public void setDropoutSeed(long seed) {
    dropoutSeed = seed;
  }

  /**
   * Sets the number of the next pass for dropout, which each call counts one up.
   *
   * @param pass 0 at first
   */
  public void setDropoutPass(long pass) {
    dropoutPass = pass;
  }

  /**
   * Runs a batch forward and back: computes its loss, and sets the gradients of the model's
   * parameters to those of it. What was in them before is overwritten.
   *
   * @param tokens {@code [T, B]}, each in 0..vocabSize-1, also in padded steps
   * @param initial the state to begin with, or null for zeros
   * @param lengths {@code [B]}, each in 1..T, or null where all are T
   * @param last receives the state after the last real step of the sequences that this process has,
   *     or null; may be {@code initial}
   * @param targets {@code [R]}: classes, or -1 or -100 for rows that do not count
   * @return the mean cross-entropy in nats over the rows of the whole batch that count
   * @throws IllegalArgumentException if an array is too short
   * @throws IllegalStateException if a peer is lost, or a thread other than the caller met a token,
   *     length or target that is out of range (the cause; the caller's own is thrown as it is)
   */
  public double crossEntropy(
      int[] tokens,
      @Nullable State initial,
      int @Nullable [] lengths,
      @Nullable State last,
      int[] targets) {
    Sizes.check("tokens", tokens.length, (long) steps * batch, "T·B");
    Sizes.check("targets", targets.length, lastOnly ? batch : (long) steps * batch, "R");
    if (lengths != null) {
      Sizes.check("lengths", lengths.length, batch, "B");
    }
    this.tokens = tokens;
    this.initial = initial;
    this.lengths = lengths;
    this.last = last;
    this.targets = targets;
    rows = 0;
    for (int r = 0; r < (lastOnly ? batch : steps * batch); r++) {
      boolean real = lastOnly || lengths == null || r / batch < lengths[r % batch];
      rows += real && targets[r] >= 0 ? 1 : 0;
    }
    team.run(passes);
    team.run(sums);
    dropoutPass++;
    PairwiseSum own = workers[0].joined;
    float[] gradients = model.parameters().gradients();
    double loss;
    if (exchange == null) {
      System.arraycopy(own.values(0), 0, gradients, 0, gradients.length);
      loss = own.loss(0);
    } else {
      loss = exchange.sum(own, gradients);
    }
    return rows == 0 ? 0 : loss / rows;
  }

  /**
   * Gives a state what other processes have of it: for a checkpoint, which all make at the same
   * time.
   *
   * @param state the one that was {@code last}
   * @throws IllegalStateException if a peer is lost
   */
  public void gather(State state) {
    int rank = peers.rank();
    ByteBuffer own = ByteBuffer.allocate(Math.toIntExact((long) Float.BYTES * floats(rank)));
    FloatBuffer out = own.asFloatBuffer();
    each(state, rank, out::put);
    for (int d = 1; d < peers.count(); d++) {
      peers.send((rank + d) % peers.count(), own);
    }
    for (int p = 0; p < peers.count(); p++) {
      if (p != rank) {
        FloatBuffer in = peers.receive(p).asFloatBuffer();
        each(state, p, in::get);
      }
    }
  }

  /** What is done with a stretch of an array. */
  private interface Stretch {
    void accept(float[] array, int from, int length);
  }

  /** The stretches of a state that belong to the sequences of a process. */
  private void each(State state, int p, Stretch stretch) {
    int first = firstSequence(p);
    int count = firstSequence(p + 1) - first;
    for (int i = 0; i < widths.length; i++) {
      for (int layer = 0; layer < layers; layer++) {
        stretch.accept(state.part(i), (layer * batch + first) * widths[i], count * widths[i]);
      }
    }
  }

  private long floats(int p) {
    long width = Arrays.stream(widths).sum();
    return width * layers * (firstSequence(p + 1) - firstSequence(p));
  }

  private int firstSequence(int p) {
    int shards = Math.ceilDiv(batch, shardSize);
    return Math.min(batch, Exchange.bound(shards, p, peers.count()) * shardSize);
  }

  private void passes(int worker) {
    workers[worker].run();
  }

  /** Each thread adds one part of the parameters, of the sums of all threads. */
  private void sums(int worker) {
    int size = model.parameters().size();
    int from = Exchange.bound(size, worker, workers.length);
    int to = Exchange.bound(size, worker + 1, workers.length);
    PairwiseSum joined = workers[worker].joined;
    joined.clear();
    for (Worker each : workers) {
      joined.push(each.sums, from, to);
    }
  }

  /** What one thread needs for its shards. */
  private final class Worker {
    private final Model own;
    private final int from;
    private final int to;
    private final Session whole;

    /** For the last shard; {@link #whole} where that is as large as the others or not here. */
    private final Session end;

    private final int[] shardTokens = new int[steps * shardSize];
    private final int[] shardTargets = new int[lastOnly ? shardSize : steps * shardSize];
    private final int[] shardLengths = new int[shardSize];
    private final State state;

    /** Of this thread's shards; beside each of them the array that it is in. */
    private final PairwiseSum sums;

    private final float[][] arrays;

    /** Of all threads' shards, in the part of the parameters that this thread adds. */
    private final PairwiseSum joined;

    private long version = -1;

    Worker(Model own, int shards, int from, int to, Readout readout) {
      this.own = own;
      this.from = from;
      this.to = to;
      int ending = batch - (shards - 1) * shardSize;
      whole = own.session(steps, shardSize, readout, true);
      end = to == shards && ending < shardSize ? own.session(steps, ending, readout, true) : whole;
      state = State.zeros(own.config().recurrent(), shardSize);
      sums = new PairwiseSum(shards);
      joined = new PairwiseSum(shards);
      int most = 0;
      for (int shard = from; shard < to; shard++) {
        most = Math.max(most, sums.count() + 1);
        sums.push(0, shard, new float[0], 0, 0, 0);
      }
      arrays = new float[most][own.parameters().size()];
    }

    void run() {
      float[] gradients = own.parameters().gradients();
      if (own != model && version != model.parameters().version()) {
        float[] values = model.parameters().values();
        System.arraycopy(values, 0, own.parameters().values(), 0, values.length);
        own.parameters().changed();
        version = model.parameters().version();
      }
      sums.clear();
      for (int shard = from; shard < to; shard++) {
        own.parameters().zeroGradients();
        double loss = pass(shard * shardSize, (shard + 1) * shardSize > batch ? end : whole);
        float[] sum = arrays[sums.count()];
        System.arraycopy(gradients, 0, sum, 0, sum.length);
        sums.push(0, shard, sum, loss, 0, sum.length);
      }
    }

    private double pass(int first, Session session) {
      int count = Math.min(shardSize, batch - first);
      for (int t = 0; t < steps; t++) {
        System.arraycopy(tokens, t * batch + first, shardTokens, t * count, count);
      }
      for (int t = 0; t < (lastOnly ? 1 : steps); t++) {
        System.arraycopy(targets, t * batch + first, shardTargets, t * count, count);
      }
      if (lengths != null) {
        System.arraycopy(lengths, first, shardLengths, 0, count);
      }
      if (initial != null) {
        copy(initial, batch, first, state, count, 0, count);
      }
      session.dropout().setSeed(dropoutSeed);
      session.dropout().setPass(dropoutPass);
      session.dropout().setFirstSequence(first);
      session.forward(
          shardTokens,
          initial == null ? null : state,
          lengths == null ? null : shardLengths,
          last == null ? null : state);
      if (last != null) {
        copy(state, count, 0, last, batch, first, count);
      }
      double loss = session.crossEntropySum(shardTargets, rows);
      session.backward();
      return loss;
    }

    /** Copies the states of some sequences from one batch into another. */
    private void copy(
        State from, int fromBatch, int fromFirst, State to, int toBatch, int toFirst, int count) {
      for (int i = 0; i < widths.length; i++) {
        int width = widths[i];
        for (int layer = 0; layer < layers; layer++) {
          System.arraycopy(
              from.part(i),
              (layer * fromBatch + fromFirst) * width,
              to.part(i),
              (layer * toBatch + toFirst) * width,
              count * width);
        }
      }
    }
  }
}
