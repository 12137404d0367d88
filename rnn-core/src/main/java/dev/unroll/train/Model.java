package dev.unroll.train;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.run.WeightFormat;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network that takes tokens or real-valued features through a recurrent stack to a linear
 * readout. Its parameters have the names that they would have in a PyTorch module with the fields
 * {@code embedding}, {@code rnn} and {@code fc}, or those of {@link Names}: {@code
 * embedding.weight}, {@code rnn.weight_ih_l0}, ..., {@code fc.weight}, {@code fc.bias}. The buffers
 * for a batch are in a {@link Session}, those for one step after another in a {@link ModelStream}.
 */
public final class Model {
  /**
   * The names of the model's parts, as those of the fields of a PyTorch module.
   *
   * @param embedding of the embedding, e.g. {@code encoder.embedding}; unused without one
   * @param recurrent of the recurrent stack
   * @param linear of the readout
   */
  public record Names(String embedding, String recurrent, String linear) {
    /** {@code embedding}, {@code rnn} and {@code fc}. */
    public static final Names DEFAULT = new Names("embedding", "rnn", "fc");
  }

  /**
   * What the model consists of.
   *
   * @param recurrent the stack; its input size is the width of the embedding or of the features
   * @param outputSize number of classes or outputs
   * @param vocabSize number of tokens that are embedded; empty for real-valued inputs
   * @param names what the parameters' names begin with
   */
  public record Config(
      RecurrentConfig recurrent, int outputSize, OptionalInt vocabSize, Names names) {
    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public Config {
      if (vocabSize.orElse(1) < 1 || outputSize < 1) {
        throw new IllegalArgumentException(
            "A model of "
                + (vocabSize.isPresent() ? vocabSize.getAsInt() + " tokens and " : "")
                + outputSize
                + " outputs cannot be made: use at least 1 of each.");
      }
    }

    /**
     * {@return a model of real-valued inputs, with the names of {@link Names#DEFAULT}}
     *
     * @param recurrent the stack
     * @param outputSize number of classes or outputs
     */
    public static Config of(RecurrentConfig recurrent, int outputSize) {
      return new Config(recurrent, outputSize, OptionalInt.empty(), Names.DEFAULT);
    }

    /**
     * {@return this with an embedding of tokens, as wide as the stack's input}
     *
     * @param vocabSize number of tokens
     */
    public Config withEmbedding(int vocabSize) {
      return new Config(recurrent, outputSize, OptionalInt.of(vocabSize), names);
    }

    /**
     * {@return this with other names}
     *
     * @param names of embedding, stack and readout
     */
    public Config withNames(Names names) {
      return new Config(recurrent, outputSize, vocabSize, names);
    }

    /** {@return the number of parameters; rounded above 2^53, Long.MAX_VALUE at most} */
    public long parameterCount() {
      double readout = outputSize * (recurrent.outputSize() + 1.0);
      double embedding = (double) vocabSize.orElse(0) * recurrent.inputSize();
      return (long) (embedding + (double) recurrent.parameterCount() + readout);
    }
  }

  private final Config config;
  private final Parameters parameters;
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
    parameters = new Parameters();
    RecurrentConfig stack = config.recurrent();
    Names names = config.names();
    embedding =
        config.vocabSize().isPresent()
            ? new Embedding(
                parameters, names.embedding + ".", config.vocabSize().getAsInt(), stack.inputSize())
            : null;
    recurrent = new Recurrent(parameters, names.recurrent + ".", stack);
    linear =
        new Linear(parameters, names.linear + ".", stack.outputSize(), config.outputSize(), true);
  }

  private Model(Model floats, WeightFormat format) {
    config = floats.config;
    parameters = floats.parameters;
    embedding = floats.embedding;
    recurrent = floats.recurrent.withWeights(format);
    linear = floats.linear;
  }

  /**
   * Makes a model for inference whose recurrent stack reads its weights in another format, as
   * {@link Recurrent#withWeights}. Both have the same parameters; embedding and readout stay
   * floats.
   *
   * @param format of the stack's weights
   * @return the model; its sessions are made with training = false
   */
  public Model withWeights(WeightFormat format) {
    return new Model(this, format);
  }

  /**
   * Creates a model with PyTorch's default initialization.
   *
   * @param config what it consists of
   * @param random the random generator
   */
  public Model(Config config, RandomGenerator random) {
    this(config);
    Names names = config.names();
    if (embedding != null) {
      Initializer.normal(
          parameters.values(), parameters.slice(names.embedding + ".weight"), random, 0, 1);
    }
    Initializer.recurrentDefault(
        parameters, names.recurrent + ".", config.recurrent().hiddenSize(), random);
    Initializer.linearDefault(parameters, names.linear + ".", random);
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

  /** {@return the encoder of tokens, or a sentence for a caller who gave tokens without one} */
  Embedding embeddingOfTokens() {
    if (embedding == null) {
      throw new IllegalStateException("This model has no embedding: give it float features.");
    }
    return embedding;
  }

  /** Refuses features where tokens are wanted. */
  void requireFeatures() {
    if (embedding != null) {
      throw new IllegalStateException("This model has an embedding: give it int tokens.");
    }
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
   * Makes a stream: the model one step at a time.
   *
   * @param batch B, the sequences that go on side by side
   * @return the stream, at a state of zeros
   * @throws IllegalArgumentException if the batch is not positive or too large for Java arrays, or
   *     if the stack is bidirectional
   */
  public ModelStream stream(int batch) {
    return new ModelStream(this, batch);
  }

  /**
   * Makes the buffers for batches of one shape, for passes on the calling thread alone.
   *
   * @param steps T
   * @param batch B
   * @param readout which steps are read out
   * @param training whether there will be a backward pass; without, less memory is used
   * @return the session; several may share the model, but only one may run at a time
   */
  public Session session(int steps, int batch, Readout readout, boolean training) {
    return session(steps, batch, readout, training, Team.single());
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
