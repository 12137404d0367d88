package dev.unroll.train;

import dev.unroll.kernel.Gemm;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Stepper;
import dev.unroll.run.Stream;

/**
 * A {@link Model} one step at a time, with the state carried on: for text that is drawn token by
 * token, or inputs that arrive one by one. B sequences go on side by side.
 *
 * <p>What {@link Stepper} says of bits and threads holds here too; the logits have the bits of
 * those of a {@link Session} over the same steps.
 */
public final class ModelStream {
  private final Model model;
  private final Stepper stepper;
  private final Stream stream;
  private final float[] x;
  private final float[] y;
  private final float[] logits;
  private final float[] scratch = Gemm.scratch();
  private final int[] only = new int[1];

  ModelStream(Model model, int batch) {
    this.model = model;
    stepper = model.recurrent().stepper(batch);
    stream = model.recurrent().stream(batch);
    x = Session.floats("x", batch, model.config().recurrent().inputSize(), "B * I");
    y = new float[batch * model.config().recurrent().outputSize()];
    logits = Session.floats("The logits", batch, model.config().outputSize(), "B * classes");
    model.linear().pack();
  }

  /**
   * Takes one step of a single sequence.
   *
   * @param token in 0..vocabSize-1
   * @return the logits {@code [outputSize]}, the live array
   * @throws IllegalArgumentException if the token is out of range or B is not 1
   * @throws IllegalStateException if the model takes real-valued inputs
   */
  public float[] step(int token) {
    only[0] = token;
    return step(only);
  }

  /**
   * Takes one step with a token for each sequence.
   *
   * @param tokens {@code [B]}, each in 0..vocabSize-1
   * @return the logits {@code [B, outputSize]}, the live array
   * @throws IllegalArgumentException if a token is out of range or the array too short
   * @throws IllegalStateException if the model takes real-valued inputs
   */
  public float[] step(int[] tokens) {
    Sizes.check("tokens", tokens.length, stream.batch(), "B");
    model.embeddingOfTokens().forward(stream.batch(), tokens, x);
    return run(x);
  }

  /**
   * Takes one step with features for each sequence.
   *
   * @param features {@code [B, inputSize]}
   * @return the logits {@code [B, outputSize]}, the live array
   * @throws IllegalArgumentException if the array is too short
   * @throws IllegalStateException if the model takes tokens
   */
  public float[] step(float[] features) {
    model.requireFeatures();
    return run(features);
  }

  private float[] run(float[] input) {
    stepper.step(stream, input, y);
    model.linear().pack();
    model.linear().forward(0, stream.batch(), y, logits, scratch);
    return logits;
  }

  /** {@return the logits of the last step, {@code [B, outputSize]}, the live array} */
  public float[] logits() {
    return logits;
  }

  /** {@return the state after the last step, as {@link Stream#state}} */
  public State state() {
    return stream.state();
  }

  /** Goes back to the state of zeros in which a new sequence begins. */
  public void reset() {
    stream.reset();
  }

  /**
   * Goes on from another state, as {@link Stream#restore}.
   *
   * @param from copied
   * @throws IllegalArgumentException if it is that of a smaller batch or network
   */
  public void restore(State from) {
    stream.restore(from);
  }

  /** Runs steps on a state and buffers of their own, as {@link Stepper#warmUp}. */
  public void warmUp() {
    ModelStream scratch = new ModelStream(model, stream.batch());
    for (int i = 0; i < Stepper.WARM_UP_STEPS; i++) {
      scratch.run(scratch.x);
    }
  }
}
