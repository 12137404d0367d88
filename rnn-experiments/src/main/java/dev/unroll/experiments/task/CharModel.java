package dev.unroll.experiments.task;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.io.StateDict;
import dev.unroll.report.run.InputException;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import dev.unroll.train.ModelStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A character model with its vocabulary: what a checkpoint holds.
 *
 * @param model embedding, recurrent stack and readout over the vocabulary
 * @param vocabulary its characters
 */
public record CharModel(Model model, Vocabulary vocabulary) {
  private static final String CHARACTERS = "unroll.characters";

  /** A new model of {@code vocabulary}'s characters with PyTorch's default initialization. */
  public static CharModel of(
      Vocabulary vocabulary,
      String cell,
      int embeddingSize,
      int hiddenSize,
      int numLayers,
      RandomGenerator random) {
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named(cell), embeddingSize, hiddenSize).withNumLayers(numLayers);
    return new CharModel(
        new Model(
            Model.Config.of(recurrent, vocabulary.size()).withEmbedding(vocabulary.size()), random),
        vocabulary);
  }

  /** The same parameters in a model that is trained with dropout between its layers. */
  public CharModel withDropout(double probability) {
    Model.Config config = model.config();
    Model other =
        new Model(
            new Model.Config(
                config.recurrent().withDropout(probability),
                config.outputSize(),
                config.vocabSize(),
                config.names()));
    float[] values = model.parameters().values();
    System.arraycopy(values, 0, other.parameters().values(), 0, values.length);
    other.parameters().changed();
    return new CharModel(other, vocabulary);
  }

  /**
   * Reads a checkpoint.
   *
   * @throws InputException when the file is not one, or a parameter in it is not finite
   */
  public static CharModel load(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new InputException(
          "'" + file + "' is a folder: give the file of a model that char-lm --save wrote.");
    }
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + " does not exist: give a model that char-lm --save wrote.");
    }
    StateDict checkpoint;
    try {
      checkpoint = StateDict.read(file);
    } catch (IllegalArgumentException | IOException broken) {
      throw new InputException(file + " is not a safetensors file: " + broken.getMessage());
    }
    String characters = checkpoint.file().metadata().get(CHARACTERS);
    if (characters == null) {
      throw new InputException(
          file + " does not tell its characters: give a model that char-lm --save wrote.");
    }
    CharModel loaded;
    try {
      Vocabulary vocabulary = new Vocabulary(characters.codePoints().toArray());
      Model model = checkpoint.model();
      if (model.config().vocabSize().orElse(0) != vocabulary.size()
          || model.config().outputSize() != vocabulary.size()) {
        throw new IllegalArgumentException(
            "its model is not one of the " + vocabulary.size() + " characters that it names.");
      }
      loaded = new CharModel(model, vocabulary);
    } catch (IllegalArgumentException misfit) {
      throw new InputException(file + " does not fit together: " + misfit.getMessage());
    }
    requireFinite(file, loaded.model.parameters());
    return loaded;
  }

  private static void requireFinite(Path file, Parameters parameters) {
    for (Slice slice : parameters.slices()) {
      int end = slice.offset() + slice.size();
      for (int i = slice.offset(); i < end; i++) {
        float value = parameters.values()[i];
        if (!Float.isFinite(value)) {
          throw new InputException(
              file
                  + " holds "
                  + value
                  + " in '"
                  + slice.name()
                  + "', so its training diverged: train again with a lower learning rate.");
        }
      }
    }
  }

  /** Writes a checkpoint: PyTorch's names, the architecture and the characters in the metadata. */
  public void save(Path file) throws IOException {
    StateDict.of(model).with(CHARACTERS, vocabulary.characters()).write(file);
  }

  /**
   * Draws text.
   *
   * @param prime what comes before, at least one character; it is not in the result
   * @param length characters to draw
   * @param temperature what the logits are divided by, positive
   * @throws InputException when {@code prime} has a character that the model does not know
   */
  public String sample(String prime, int length, double temperature, RandomGenerator random) {
    int[] before = vocabulary.encode("--prime", prime);
    ModelStream stream = model.stream(1);
    for (int token : before) {
      stream.step(token);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      int token = draw(stream.logits(), temperature, random);
      text.append(vocabulary.decode(token));
      stream.step(token);
    }
    return text.toString();
  }

  /** Draws an index from softmax(logits / temperature). */
  public static int draw(float[] logits, double temperature, RandomGenerator random) {
    double max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      weights[i] = StrictMath.exp((logits[i] - max) / temperature);
    }
    double left = random.nextDouble() * Arrays.stream(weights).sum();
    for (int i = 0; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }
}
