package dev.unroll.experiments.task;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.ModelStream;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The notebooks' RNN in numpy: one-hot characters into a tanh layer with one bias, one sequence at
 * a time. The second bias that PyTorch's layout has stays zero.
 */
public final class OneHotRnn {
  private final Model model;
  private final Session session;
  private final int steps;
  private final int vocabSize;
  private final float[] x;

  /** A network of zeros for windows of {@code steps} characters. */
  public OneHotRnn(int vocabSize, int hiddenSize, int steps) {
    this.steps = steps;
    this.vocabSize = vocabSize;
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_tanh"), vocabSize, hiddenSize);
    model = new Model(Model.Config.of(config, vocabSize));
    session = model.session(steps, 1, Readout.EVERY_STEP, true);
    x = new float[steps * vocabSize];
  }

  /** Its parameters. */
  public Parameters parameters() {
    return model.parameters();
  }

  /** Fills a weight with normal numbers of this standard deviation. */
  public void normal(String name, double deviation, RandomGenerator random) {
    Slice slice = parameters().slice(name);
    for (int i = 0; i < slice.size(); i++) {
      parameters().values()[slice.offset() + i] = (float) (deviation * random.nextGaussian());
    }
    parameters().changed();
  }

  /** A state of zeros. */
  public State zeroState() {
    return State.zeros(model.config().recurrent(), 1);
  }

  /** Mean loss in nats of predicting {@code targets} from {@code inputs}; carries the state on. */
  public double forward(int[] inputs, int[] targets, State state) {
    encode(inputs, x);
    session.forward(x, state, null, state);
    return session.crossEntropy(targets);
  }

  /**
   * Adds the gradients, then multiplies them by {@code scale} and clears those of the second bias.
   */
  public void backward(float scale) {
    session.backward();
    float[] gradients = parameters().gradients();
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] *= scale;
    }
    Slice second = parameters().slice("rnn.bias_hh_l0");
    Arrays.fill(gradients, second.offset(), second.offset() + second.size(), 0f);
  }

  private void encode(int[] tokens, float[] into) {
    Arrays.fill(into, 0f);
    for (int t = 0; t < tokens.length; t++) {
      into[t * vocabSize + tokens[t]] = 1;
    }
  }

  /** Draws characters after {@code first}, from this state at this temperature. */
  public int[] sample(
      int first, State from, int length, double temperature, RandomGenerator random) {
    ModelStream stream = model.stream(1);
    stream.restore(from);
    float[] input = new float[vocabSize];
    int[] drawn = new int[length];
    int token = first;
    for (int i = 0; i < length; i++) {
      encode(new int[] {token}, input);
      token = CharModel.draw(stream.step(input), temperature, random);
      drawn[i] = token;
    }
    return drawn;
  }

  /** Steps of a window. */
  public int steps() {
    return steps;
  }
}
