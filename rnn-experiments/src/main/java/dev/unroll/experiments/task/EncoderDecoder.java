package dev.unroll.experiments.task;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import dev.unroll.train.Embedding;
import dev.unroll.train.Linear;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sequence to sequence (Sutskever et al. 2014): an encoder reads the source, a decoder begins with
 * its last state and writes the target, fed with what came before. With attention, the readout sees
 * beside the decoder's state a context from all of the encoder's outputs ({@link Attention}).
 *
 * <p>T steps of source and target, B sequences, V tokens, H hidden units. Token V starts the
 * decoder. Not thread-safe.
 */
public final class EncoderDecoder {
  private final int vocabSize;
  private final int hiddenSize;
  private final int embeddingSize;
  private final boolean attends;
  private final Parameters parameters = new Parameters();
  private final Embedding embedding;
  private final Recurrent encoder;
  private final Recurrent decoder;
  private final Linear readout;

  /**
   * A model with PyTorch's default initialization.
   *
   * @param vocabSize V
   * @param cell of encoder and decoder
   * @param embeddingSize width of the embedding that both share
   * @param hiddenSize H
   * @param attention whether the decoder looks back at the encoder's outputs
   * @param random the source of chance
   */
  public EncoderDecoder(
      int vocabSize,
      Cell cell,
      int embeddingSize,
      int hiddenSize,
      boolean attention,
      RandomGenerator random) {
    this.vocabSize = vocabSize;
    this.hiddenSize = hiddenSize;
    this.embeddingSize = embeddingSize;
    attends = attention;
    RecurrentConfig recurrent = RecurrentConfig.of(cell, embeddingSize, hiddenSize);
    embedding = new Embedding(parameters, "embedding.", vocabSize + 1, embeddingSize);
    encoder = new Recurrent(parameters, "encoder.", recurrent);
    decoder = new Recurrent(parameters, "decoder.", recurrent);
    readout = new Linear(parameters, "fc.", joined(), vocabSize, true);
    Initializer.normal(parameters.values(), parameters.slice("embedding.weight"), random, 0, 1);
    Initializer.recurrentDefault(parameters, "encoder.", hiddenSize, random);
    Initializer.recurrentDefault(parameters, "decoder.", hiddenSize, random);
    Initializer.linearDefault(parameters, "fc.", random);
  }

  /** All parameters. */
  public Parameters parameters() {
    return parameters;
  }

  private int joined() {
    return attends ? 2 * hiddenSize : hiddenSize;
  }

  /** The decoder's outputs, and with attention the contexts beside them: what is read out. */
  private void join(int rows, float[] outputs, float[] contexts, float[] joined) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(outputs, r * hiddenSize, joined, r * joined(), hiddenSize);
      if (attends) {
        System.arraycopy(contexts, r * hiddenSize, joined, r * joined() + hiddenSize, hiddenSize);
      }
    }
  }

  /** The buffers for training on batches of one shape. */
  public final class Session {
    private final int steps;
    private final int batch;
    private final Workspace encoding;
    private final Workspace decoding;
    private final Attention attention;
    private final SoftmaxCrossEntropy crossEntropy;
    private final State last;
    private final State gradLast;
    private final int[] fed;
    private final float[] encoderX;
    private final float[] decoderX;
    private final float[] gradX;
    private final float[] encoderY;
    private final float[] decoderY;
    private final float[] context;
    private final float[] gradEncoderY;
    private final float[] gradDecoderY;
    private final float[] gradContext;
    private final float[] joined;
    private final float[] gradJoined;
    private final float[] logits;
    private int[] source = {};
    private int[] lengths = {};

    /** Buffers for T = {@code steps} and B = {@code batch}. */
    public Session(int steps, int batch) {
      this.steps = steps;
      this.batch = batch;
      int rows = steps * batch;
      encoding = encoder.workspace(steps, batch, true);
      decoding = decoder.workspace(steps, batch, true);
      attention = new Attention(steps, steps, batch, hiddenSize);
      crossEntropy = new SoftmaxCrossEntropy(rows, vocabSize, Team.single());
      last = State.zeros(encoder.config(), batch);
      gradLast = State.zeros(encoder.config(), batch);
      fed = new int[rows];
      encoderX = new float[rows * embeddingSize];
      decoderX = new float[rows * embeddingSize];
      gradX = new float[rows * embeddingSize];
      encoderY = new float[rows * hiddenSize];
      decoderY = new float[rows * hiddenSize];
      context = new float[rows * hiddenSize];
      gradEncoderY = new float[rows * hiddenSize];
      gradDecoderY = new float[rows * hiddenSize];
      gradContext = new float[rows * hiddenSize];
      joined = new float[rows * joined()];
      gradJoined = new float[rows * joined()];
      logits = new float[rows * vocabSize];
    }

    /**
     * The mean cross-entropy in nats a token, each step fed with the true token before it.
     *
     * @param newSource {@code [T, B]}
     * @param newLengths {@code [B]}, each in 1..T, of source and target alike
     * @param targets {@code [T, B]}; what lies past a length does not count
     */
    public double loss(int[] newSource, int[] newLengths, int[] targets) {
      source = newSource;
      lengths = newLengths;
      int rows = steps * batch;
      int[] counted = new int[rows];
      for (int r = 0; r < rows; r++) {
        counted[r] = r / batch < lengths[r % batch] ? targets[r] : SoftmaxCrossEntropy.MASKED;
        fed[r] = r < batch ? vocabSize : targets[r - batch];
      }
      embedding.forward(rows, source, encoderX);
      encoder.forward(encoding, encoderX, null, lengths, encoderY, last);
      embedding.forward(rows, fed, decoderX);
      decoder.forward(decoding, decoderX, last, lengths, decoderY, null);
      if (attends) {
        attention.forward(decoderY, encoderY, lengths, context);
      }
      join(rows, decoderY, context, joined);
      readout.forward(Team.single(), rows, joined, logits);
      return crossEntropy.forward(logits, counted);
    }

    /** Adds the gradients of the last loss to those of the parameters. */
    public void backward() {
      int rows = steps * batch;
      readout.backward(Team.single(), rows, joined, logits, gradJoined);
      Arrays.fill(gradEncoderY, 0f);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(gradJoined, r * joined(), gradDecoderY, r * hiddenSize, hiddenSize);
        if (attends) {
          System.arraycopy(
              gradJoined, r * joined() + hiddenSize, gradContext, r * hiddenSize, hiddenSize);
        }
      }
      if (attends) {
        attention.backward(decoderY, encoderY, lengths, gradContext, gradDecoderY, gradEncoderY);
      }
      decoder.backward(decoding, decoderX, gradDecoderY, null, gradX, gradLast);
      embedding.backward(rows, fed, gradX);
      encoder.backward(encoding, encoderX, gradEncoderY, gradLast, gradX, null);
      embedding.backward(rows, source, gradX);
    }
  }

  /**
   * What the model writes when it is fed with its own likeliest tokens.
   *
   * @param tokens {@code [T, B]}
   * @param weights the attention's {@code [T of target, B, T of source]}; null without attention
   */
  public record Written(int[] tokens, double @Nullable [] weights) {}

  /**
   * Translates sequences of one length, each step fed with the likeliest token before it.
   *
   * @param steps T of source and target
   * @param source {@code [T, B]}
   */
  public Written write(int steps, int[] source) {
    int batch = source.length / steps;
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    float[] x = new float[steps * batch * embeddingSize];
    float[] encoderY = new float[steps * batch * hiddenSize];
    State state = State.zeros(encoder.config(), batch);
    embedding.forward(steps * batch, source, x);
    encoder.forward(encoder.workspace(steps, batch, false), x, null, null, encoderY, state);

    Workspace one = decoder.workspace(1, batch, false);
    Attention attention = new Attention(1, steps, batch, hiddenSize);
    float[] decoderY = new float[batch * hiddenSize];
    float[] context = new float[batch * hiddenSize];
    float[] joined = new float[batch * joined()];
    float[] logits = new float[batch * vocabSize];
    int[] fed = new int[batch];
    Arrays.fill(fed, vocabSize);
    int[] written = new int[steps * batch];
    double[] weights = attends ? new double[steps * batch * steps] : null;
    for (int t = 0; t < steps; t++) {
      embedding.forward(batch, fed, x);
      decoder.forward(one, x, state, null, decoderY, state);
      if (weights != null) {
        attention.forward(decoderY, encoderY, lengths, context);
        System.arraycopy(attention.weights(), 0, weights, t * batch * steps, batch * steps);
      }
      join(batch, decoderY, context, joined);
      readout.forward(Team.single(), batch, joined, logits);
      for (int b = 0; b < batch; b++) {
        int best = 0;
        for (int v = 1; v < vocabSize; v++) {
          if (logits[b * vocabSize + v] > logits[b * vocabSize + best]) {
            best = v;
          }
        }
        fed[b] = best;
        written[t * batch + b] = best;
      }
    }
    return new Written(written, weights);
  }
}
