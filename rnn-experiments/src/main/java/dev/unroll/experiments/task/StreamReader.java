package dev.unroll.experiments.task;

import dev.unroll.run.Dropout;
import dev.unroll.run.State;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;

/** Reads streams window by window with a model whose state is carried from one to the next. */
public final class StreamReader {
  private final Streams streams;
  private final Session session;
  private final State state;

  /**
   * A reader at the beginning.
   *
   * @param training whether {@link #backward} will be called
   */
  public StreamReader(Model model, Streams streams, boolean training) {
    this.streams = streams;
    session = model.session(streams.steps(), streams.batch(), Readout.EVERY_STEP, training);
    state = State.zeros(model.config().recurrent(), streams.batch());
  }

  /** The loss on the next window, in nats a token. */
  public double next() {
    if (streams.next()) {
      state.clear();
    }
    session.forward(streams.tokens(), state, null, state);
    return session.crossEntropy(streams.targets());
  }

  /** What decides which outputs between layers are dropped in training. */
  public Dropout dropout() {
    return session.dropout();
  }

  /** Adds the gradients of the last loss; they end at the window's first step. */
  public void backward() {
    session.backward();
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
