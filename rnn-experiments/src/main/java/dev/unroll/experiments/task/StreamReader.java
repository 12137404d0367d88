package dev.unroll.experiments.task;

import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Peers;
import dev.unroll.train.Session;
import dev.unroll.train.ShardedSession;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;

/** Reads streams window by window with a model whose state is carried from one to the next. */
public final class StreamReader {
  private final Streams streams;
  private final State state;
  private final DoubleSupplier loss;
  private final Runnable backward;
  private final LongConsumer dropoutSeed;
  private final LongConsumer dropoutPass;
  private final Runnable gather;

  /**
   * A reader at the beginning.
   *
   * @param training whether {@link #backward} will be called
   */
  public StreamReader(Model model, Streams streams, boolean training) {
    this.streams = streams;
    state = State.zeros(model.config().recurrent(), streams.batch());
    Session session = model.session(streams.steps(), streams.batch(), Readout.EVERY_STEP, training);
    loss =
        () -> {
          session.forward(streams.tokens(), state, null, state);
          return session.crossEntropy(streams.targets());
        };
    backward = session::backward;
    dropoutSeed = session.dropout()::setSeed;
    dropoutPass = session.dropout()::setPass;
    gather = () -> {};
  }

  /**
   * A reader for training at the beginning, whose streams are cut into shards.
   *
   * @param shardSize streams of a shard
   * @param team the threads of this process that share the shards
   * @param peers the processes that do
   */
  public StreamReader(Model model, Streams streams, int shardSize, Team team, Peers peers) {
    this.streams = streams;
    state = State.zeros(model.config().recurrent(), streams.batch());
    ShardedSession session =
        new ShardedSession(
            model, streams.steps(), streams.batch(), Readout.EVERY_STEP, shardSize, team, peers);
    loss = () -> session.crossEntropy(streams.tokens(), state, null, state, streams.targets());
    backward = () -> {}; // the loss has come with its gradients
    dropoutSeed = session::setDropoutSeed;
    dropoutPass = session::setDropoutPass;
    gather = () -> session.gather(state);
  }

  /** The loss on the next window, in nats a token. */
  public double next() {
    if (streams.next()) {
      state.clear();
    }
    return loss.getAsDouble();
  }

  /** Sets the seed of which outputs between layers are dropped in training. */
  public void setDropoutSeed(long seed) {
    dropoutSeed.accept(seed);
  }

  /** The state that the next window begins with, all of it in every process. */
  public List<float[]> state() {
    gather.run();
    return state.parts();
  }

  /** Goes on after so many windows with the state that was carried from the last. */
  public void resume(int windows, List<float[]> carried) {
    for (int i = 0; i < windows; i++) {
      streams.next();
    }
    for (int i = 0; i < carried.size(); i++) {
      System.arraycopy(carried.get(i), 0, state.part(i), 0, carried.get(i).length);
    }
    dropoutPass.accept(windows);
  }

  /**
   * Adds the gradients of the last loss to those that were zero before it; they end at the window's
   * first step.
   */
  public void backward() {
    backward.run();
  }

  /** The mean loss over all that the streams hold, in nats a token. */
  public double mean() {
    double sum = 0;
    for (int i = 0; i < streams.windows(); i++) {
      sum += next();
    }
    return sum / streams.windows();
  }
}
