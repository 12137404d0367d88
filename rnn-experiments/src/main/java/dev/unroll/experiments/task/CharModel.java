package dev.unroll.experiments.task;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.io.Safetensors;
import dev.unroll.report.run.InputException;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A character model with its vocabulary: what a checkpoint holds.
 *
 * @param model embedding, recurrent stack and readout over the vocabulary
 * @param vocabulary its characters
 */
public record CharModel(Model model, Vocabulary vocabulary) {
  private static final String CELL = "unroll.cell";
  private static final String CHARACTERS = "unroll.characters";
  private static final String LAYERS = "unroll.num_layers";

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
        new Model(new Model.Config(vocabulary.size(), recurrent, vocabulary.size()), random),
        vocabulary);
  }

  /**
   * Reads a checkpoint. The file must have as many elements as the model has parameters, so the
   * memory that a model takes is in proportion to its file, whatever shapes and metadata say.
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
    Safetensors checkpoint;
    try {
      checkpoint = Safetensors.read(file);
    } catch (IllegalArgumentException | IOException broken) {
      throw new InputException(file + " is not a safetensors file: " + broken.getMessage());
    }
    Map<String, String> metadata = checkpoint.metadata();
    String cell = metadata.get(CELL);
    String characters = metadata.get(CHARACTERS);
    String layers = metadata.get(LAYERS);
    if (cell == null || characters == null || layers == null) {
      throw new InputException(
          file + " does not tell its cell and characters: give a model that char-lm --save wrote.");
    }
    CharModel loaded;
    try {
      Vocabulary vocabulary = new Vocabulary(characters.codePoints().toArray());
      RecurrentConfig recurrent =
          RecurrentConfig.of(
                  Cells.named(cell),
                  checkpoint.shape("embedding.weight", 2).get(1),
                  checkpoint.shape("rnn.weight_hh_l0", 2).get(1))
              .withNumLayers(numLayers(layers));
      var config = new Model.Config(vocabulary.size(), recurrent, vocabulary.size());
      checkpoint.requireElements(config.parameterCount());
      Model model = new Model(config);
      checkpoint.loadInto(model.parameters());
      loaded = new CharModel(model, vocabulary);
    } catch (IllegalArgumentException misfit) {
      throw new InputException(file + " does not fit together: " + misfit.getMessage());
    }
    requireFinite(file, loaded.model.parameters());
    return loaded;
  }

  private static int numLayers(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "metadata '" + LAYERS + "' is \"" + text + "\", not a whole number.", e);
    }
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
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(CELL, model.config().recurrent().cell().name());
    metadata.put(LAYERS, String.valueOf(model.config().recurrent().numLayers()));
    metadata.put(CHARACTERS, vocabulary.characters());
    Safetensors.of(model.parameters(), metadata).write(file);
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
    Session session = model.session(1, 1, Readout.EVERY_STEP, false, Team.single());
    State state = State.zeros(model.config().recurrent(), 1);
    int[] token = new int[1];
    for (int known : before) {
      token[0] = known;
      session.forward(token, state, null, state);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      token[0] = draw(session.logits(), temperature, random);
      text.append(vocabulary.decode(token[0]));
      session.forward(token, state, null, state);
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
