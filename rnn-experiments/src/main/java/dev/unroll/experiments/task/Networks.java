package dev.unroll.experiments.task;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import java.util.List;
import java.util.random.RandomGenerator;

/** Cells by name, their sizes, and the initializations of W_hh to choose between. */
public final class Networks {
  /** PyTorch's own, then what W_hh alone is given instead. */
  public static final List<String> INITS = List.of("default", "orthogonal", "identity");

  private Networks() {}

  /** Gives every recurrent weight the initialization {@code init}; the rest stays as it is. */
  public static void initialize(
      Parameters parameters, String init, int gates, RandomGenerator random) {
    if (init.equals("default")) {
      return;
    }
    for (Parameters.Slice slice : parameters.slices()) {
      if (slice.name().contains("weight_hh")) {
        if (init.equals("orthogonal")) {
          Initializer.orthogonal(parameters.values(), slice, random, gates, 1);
        } else {
          Initializer.identity(parameters.values(), slice, gates, 1);
        }
      }
    }
    parameters.changed();
  }

  /** How many parameters a model of tokens has. */
  public static int parameters(
      String cell, int vocabSize, int embeddingSize, int hiddenSize, int numLayers) {
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named(cell), embeddingSize, hiddenSize).withNumLayers(numLayers);
    return new Model(Model.Config.of(recurrent, vocabSize).withEmbedding(vocabSize))
        .parameters()
        .size();
  }

  /** The hidden size at which a model of tokens comes nearest to that many parameters. */
  public static int hiddenSize(
      String cell, int vocabSize, int embeddingSize, int numLayers, int parameters) {
    int more = 1;
    while (parameters(cell, vocabSize, embeddingSize, more, numLayers) < parameters) {
      more *= 2;
    }
    int less = more / 2;
    while (more - less > 1) {
      int middle = (less + more) / 2;
      if (parameters(cell, vocabSize, embeddingSize, middle, numLayers) < parameters) {
        less = middle;
      } else {
        more = middle;
      }
    }
    return less > 0
            && parameters - parameters(cell, vocabSize, embeddingSize, less, numLayers)
                < parameters(cell, vocabSize, embeddingSize, more, numLayers) - parameters
        ? less
        : more;
  }
}
