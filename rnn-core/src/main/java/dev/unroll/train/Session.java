package dev.unroll.train;

import dev.unroll.run.Dropout;
import dev.unroll.run.Sizes;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import dev.unroll.train.Model.Readout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a {@link Model} for batches of one shape, and the passes over them: {@code
 * forward}, a loss, {@code backward}. Nothing is allocated per batch. T steps, B sequences, R rows
 * of logits: T·B or, where only the last step is read out, B. A training step is
 *
 * <pre>
 * model.parameters().zeroGradients();
 * session.forward(tokens);
 * double loss = session.crossEntropy(targets);
 * session.backward();
 * GradientClipping.byGlobalNorm(model.parameters(), 5);
 * optimizer.step(model.parameters());
 * </pre>
 *
 * <p>Truncated BPTT carries a {@link State} from one call's {@code last} to the next one's {@code
 * initial}; they may be the same object. Not thread-safe.
 */
public final class Session {
  private final Model model;
  private final int steps;
  private final int batch;
  private final boolean lastOnly;
  private final Team team;
  private final Workspace workspace;
  private final int rows;
  private final int outputSize;
  private final int[] ids;
  private final float[] x;
  private final float[] y;
  private final float[] readout;
  private final float[] logits;
  private final int[] predictions;
  private final float @Nullable [] gradLogits;
  private final float[] gradReadout;
  private final float[] gradY;
  private final float @Nullable [] gradX;
  private final int[] lengths;
  private final int[] maskedTargets;
  private final boolean[] real;
  private final SoftmaxCrossEntropy crossEntropy;

  Session(Model model, int steps, int batch, Readout readout, boolean training, Team team) {
    this.model = model;
    this.steps = steps;
    this.batch = batch;
    this.lastOnly = readout == Readout.LAST_STEP;
    this.team = team;
    workspace = model.recurrent().workspace(steps, batch, training, team);
    int inputSize = model.recurrent().config().inputSize();
    outputSize = model.recurrent().config().outputSize();
    rows = lastOnly ? batch : steps * batch;
    ids = new int[model.embedding() == null ? 0 : steps * batch];
    x = floats("x", steps * batch, inputSize, "T * B * I");
    y = new float[steps * batch * outputSize];
    this.readout = lastOnly ? new float[rows * outputSize] : y;
    logits = floats("The logits", rows, model.config().outputSize(), "R * classes");
    predictions = new int[rows];
    gradLogits = training ? new float[logits.length] : null;
    gradY = new float[training ? y.length : 0];
    gradReadout = lastOnly && training ? new float[rows * outputSize] : gradY;
    gradX = model.embedding() != null && training ? new float[x.length] : null;
    lengths = new int[batch];
    maskedTargets = new int[rows];
    real = new boolean[rows];
    crossEntropy = new SoftmaxCrossEntropy(rows, model.config().outputSize(), team);
  }

  static float[] floats(String name, int rows, int width, String meaning) {
    Sizes.checkPossible(name, (long) rows * width, meaning, "fewer steps or a smaller batch");
    return new float[rows * width];
  }

  /** {@return what decides which outputs between the recurrent layers are dropped in training} */
  public Dropout dropout() {
    return workspace.dropout();
  }

  /**
   * Runs a batch of tokens up to the logits, each sequence over all T steps from a state of zeros.
   *
   * @param tokens {@code [T, B]}, each in 0..vocabSize-1
   * @throws IllegalArgumentException if a token is out of range or the array too short
   * @throws IllegalStateException if the model takes real-valued inputs
   */
  public void forward(int[] tokens) {
    forward(tokens, null, null, null);
  }

  /**
   * Runs a batch of real-valued features up to the logits, each sequence over all T steps from a
   * state of zeros.
   *
   * @param features {@code [T, B, inputSize]}
   * @throws IllegalArgumentException if the array is too short
   * @throws IllegalStateException if the model takes tokens
   */
  public void forward(float[] features) {
    forward(features, null, null, null);
  }

  /**
   * Runs a batch of tokens up to the logits.
   *
   * @param tokens {@code [T, B]}, each in 0..vocabSize-1, also in padded steps
   * @param initial the state to begin with, or null for zeros
   * @param lengths {@code [B]}, each in 1..T, or null where all are T
   * @param last receives the state after the last real step, or null
   * @throws IllegalArgumentException if a token is out of range or an array too short
   * @throws IllegalStateException if the model takes real-valued inputs
   */
  public void forward(
      int[] tokens, @Nullable State initial, int @Nullable [] lengths, @Nullable State last) {
    Embedding embedding = model.embeddingOfTokens();
    Sizes.check("tokens", tokens.length, (long) steps * batch, "T·B");
    embedding.forward(steps * batch, tokens, x);
    System.arraycopy(tokens, 0, ids, 0, steps * batch);
    run(initial, lengths, last);
  }

  /**
   * Runs a batch of real-valued features up to the logits.
   *
   * @param features {@code [T, B, inputSize]}
   * @param initial the state to begin with, or null for zeros
   * @param lengths {@code [B]}, each in 1..T, or null where all are T
   * @param last receives the state after the last real step, or null
   * @throws IllegalArgumentException if an array is too short
   * @throws IllegalStateException if the model takes tokens
   */
  public void forward(
      float[] features, @Nullable State initial, int @Nullable [] lengths, @Nullable State last) {
    model.requireFeatures();
    Sizes.check("features", features.length, x.length, "T·B·inputSize");
    System.arraycopy(features, 0, x, 0, x.length);
    run(initial, lengths, last);
  }

  private void run(@Nullable State initial, int @Nullable [] lengths, @Nullable State last) {
    model.recurrent().forward(workspace, x, initial, lengths, y, last);
    for (int b = 0; b < batch; b++) {
      this.lengths[b] = lengths == null ? steps : lengths[b];
      if (lastOnly) {
        System.arraycopy(y, lastRow(b) * outputSize, readout, b * outputSize, outputSize);
      }
    }
    model.linear().forward(team, rows, readout, logits);
  }

  private int lastRow(int b) {
    return (lengths[b] - 1) * batch + b;
  }

  /**
   * {@return the stack's outputs {@code [T, B, outputSize]} of the last forward, the live array}
   */
  public float[] outputs() {
    return y;
  }

  /** {@return the logits {@code [R, classes]} of the last forward, the live array} */
  public float[] logits() {
    return logits;
  }

  /**
   * Finds the likeliest classes; it needs no targets.
   *
   * @return the class of the largest logit of each row, {@code [R]}, the first of equals; the live
   *     array, which the next call writes
   */
  public int[] predictions() {
    int classes = model.config().outputSize();
    for (int r = 0; r < rows; r++) {
      predictions[r] = SoftmaxCrossEntropy.largest(logits, r * classes, classes);
    }
    return predictions;
  }

  /**
   * Computes the mean cross-entropy in nats over the rows that have a target and lie within their
   * sequence's length, and in training its gradient for {@link #backward()}.
   *
   * @param targets {@code [R]}: classes, or -1 or -100 for rows that do not count
   * @return the loss
   * @throws IllegalArgumentException if a target is out of range or the array too short
   */
  public double crossEntropy(int[] targets) {
    mask(targets);
    return crossEntropy.forward(logits, maskedTargets, gradLogits);
  }

  /** As {@link #crossEntropy}, but a sum, with the gradient of a mean over {@code all} rows. */
  double crossEntropySum(int[] targets, int all) {
    mask(targets);
    return crossEntropy.sum(logits, maskedTargets, gradLogits, all);
  }

  private void mask(int[] targets) {
    Sizes.check("targets", targets.length, rows, "R");
    for (int r = 0; r < rows; r++) {
      maskedTargets[r] = isReal(r) ? targets[r] : SoftmaxCrossEntropy.MASKED;
    }
  }

  /**
   * Computes the mean squared error over the rows that count and lie within their sequence's
   * length, and in training its gradient for {@link #backward()}.
   *
   * @param targets {@code [R, classes]}
   * @param mask {@code [R]}, whether a row counts, or null where all do
   * @return the loss
   * @throws IllegalArgumentException if the targets are too short
   */
  public double meanSquaredError(float[] targets, boolean @Nullable [] mask) {
    Sizes.check("targets", targets.length, logits.length, "R·classes");
    for (int r = 0; r < rows; r++) {
      real[r] = isReal(r) && (mask == null || mask[r]);
    }
    return MeanSquaredError.forward(
        rows, model.config().outputSize(), logits, targets, real, gradLogits);
  }

  private boolean isReal(int row) {
    return lastOnly || row / batch < lengths[row % batch];
  }

  /** {@return the number of rows in the last cross-entropy} */
  public int count() {
    return crossEntropy.count();
  }

  /** {@return how many of them had their largest logit at the target} */
  public int correct() {
    return crossEntropy.correct();
  }

  /**
   * Adds the gradients of the last loss to those of the model's parameters.
   *
   * @throws IllegalStateException if the session is not for training
   */
  public void backward() {
    backward(trained(gradLogits));
  }

  /**
   * Adds the gradients of a loss of the caller's own to those of the model's parameters.
   *
   * @param gradLogits {@code [R, classes]}, its gradient to {@link #logits()}; zero in rows past a
   *     sequence's length
   * @throws IllegalArgumentException if the array is too short
   * @throws IllegalStateException if the session is not for training
   */
  public void backward(float[] gradLogits) {
    trained(this.gradLogits);
    Sizes.check("gradLogits", gradLogits.length, logits.length, "R·classes");
    model.linear().backward(team, rows, readout, gradLogits, gradReadout);
    if (lastOnly) {
      Arrays.fill(gradY, 0f);
      for (int b = 0; b < batch; b++) {
        System.arraycopy(gradReadout, b * outputSize, gradY, lastRow(b) * outputSize, outputSize);
      }
    }
    model.recurrent().backward(workspace, x, gradY, null, gradX, null);
    Embedding embedding = model.embedding();
    if (embedding != null && gradX != null) {
      embedding.backward(steps * batch, ids, gradX);
    }
  }

  private static float[] trained(float @Nullable [] gradLogits) {
    if (gradLogits == null) {
      throw new IllegalStateException(
          "This session was made with training = false, so it does not keep what a backward pass"
              + " needs: make one with training = true.");
    }
    return gradLogits;
  }
}
