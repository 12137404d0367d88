package dev.unroll.train;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network that takes tokens or real-valued features through a recurrent stack to a linear
 * readout. Its parameters have the names that they would have in a PyTorch module with the fields
 * {@code embedding}, {@code rnn} and {@code fc}: {@code embedding.weight}, {@code
 * rnn.weight_ih_l0}, ..., {@code fc.weight}, {@code fc.bias}. The buffers for a batch are in a
 * {@link Session}.
 */
public final class Model {
  /**
   * What the model consists of.
   *
   * @param vocabSize number of tokens, or 0 for real-valued inputs without an embedding
   * @param recurrent the stack; its input size is the embedding's or the features'
   * @param outputSize number of classes or outputs
   */
  public record Config(int vocabSize, RecurrentConfig recurrent, int outputSize) {
    /** Checks the sizes. */
    public Config {
      if (vocabSize < 0 || outputSize < 1) {
        throw new IllegalArgumentException(
            "A model of "
                + vocabSize
                + " tokens and "
                + outputSize
                + " outputs cannot be made: use at least 0 tokens and at least 1 output.");
      }
    }

    /** {@return the number of parameters; rounded above 2^53, Long.MAX_VALUE at most} */
    public long parameterCount() {
      double readout = outputSize * (recurrent.outputSize() + 1.0);
      double embedding = (double) vocabSize * recurrent.inputSize();
      return (long) (embedding + (double) recurrent.parameterCount() + readout);
    }
  }

  private final Config config;
  private final Parameters parameters = new Parameters();
  private final @Nullable Embedding embedding;
  private final Recurrent recurrent;
  private final Linear linear;

  /**
   * Creates a model whose parameters are all zero, to be loaded or initialized.
   *
   * @param config what it consists of
   */
  public Model(Config config) {
    this.config = config;
    RecurrentConfig stack = config.recurrent();
    embedding =
        config.vocabSize() == 0
            ? null
            : new Embedding(parameters, "embedding.", config.vocabSize(), stack.inputSize());
    recurrent = new Recurrent(parameters, "rnn.", stack);
    linear = new Linear(parameters, "fc.", stack.outputSize(), config.outputSize(), true);
  }

  /**
   * Creates a model with PyTorch's default initialization.
   *
   * @param config what it consists of
   * @param random the random generator
   */
  public Model(Config config, RandomGenerator random) {
    this(config);
    if (embedding != null) {
      Initializer.normal(parameters.values(), parameters.slice("embedding.weight"), random, 0, 1);
    }
    Initializer.recurrentDefault(parameters, "rnn.", config.recurrent().hiddenSize(), random);
    Initializer.linearDefault(parameters, "fc.", random);
  }

  /** {@return what the model consists of} */
  public Config config() {
    return config;
  }

  /** {@return all its parameters} */
  public Parameters parameters() {
    return parameters;
  }

  /** {@return the encoder of tokens, null for real-valued inputs} */
  public @Nullable Embedding embedding() {
    return embedding;
  }

  /** {@return the recurrent stack} */
  public Recurrent recurrent() {
    return recurrent;
  }

  /** {@return the readout} */
  public Linear linear() {
    return linear;
  }

  /**
   * Makes the buffers for batches of one shape.
   *
   * @param steps T
   * @param batch B
   * @param readout which steps are read out
   * @param training whether there will be a backward pass; without, less memory is used
   * @param team the threads
   * @return the session; several may share the model, but only one may run at a time
   */
  public Session session(int steps, int batch, Readout readout, boolean training, Team team) {
    return new Session(this, steps, batch, readout, training, team);
  }

  /** Which steps of a sequence go through the readout into the loss. */
  public enum Readout {
    /** Every step: logits {@code [T, B, outputSize]}. */
    EVERY_STEP,
    /** Each sequence's last real step: logits {@code [B, outputSize]}. */
    LAST_STEP
  }
}
