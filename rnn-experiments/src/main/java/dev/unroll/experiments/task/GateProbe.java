package dev.unroll.experiments.task;

import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Workspace;
import dev.unroll.train.Embedding;
import dev.unroll.train.Model;
import java.util.Arrays;

/** Looks at the sigmoid gates of an LSTM or GRU while it reads: how open is each, how often? */
public final class GateProbe {
  private GateProbe() {}

  /**
   * A histogram of one gate's values over all units, steps and sequences.
   *
   * @param model one layer with an embedding; lstm (gates i, f, g, o) or gru (r, z, n)
   * @param gate index of a sigmoid gate in that order
   * @param tokens {@code [T, B]}
   * @param bins equal parts of 0 to 1
   * @return the fraction of values in each bin
   */
  public static double[] histogram(Model model, int gate, int[] tokens, int batch, int bins) {
    Recurrent recurrent = model.recurrent();
    RecurrentConfig config = recurrent.config();
    Embedding embedding = model.embedding();
    if (embedding == null || config.numLayers() != 1) {
      throw new IllegalArgumentException("A model of one layer with an embedding is needed.");
    }
    int hidden = config.hiddenSize();
    int inputs = config.inputSize();
    int steps = tokens.length / batch;
    Parameters parameters = model.parameters();
    float[] values = parameters.values();
    int weightIh = parameters.slice("rnn.weight_ih_l0").offset() + gate * hidden * inputs;
    int weightHh = parameters.slice("rnn.weight_hh_l0").offset() + gate * hidden * hidden;
    int biasIh = parameters.slice("rnn.bias_ih_l0").offset() + gate * hidden;
    int biasHh = parameters.slice("rnn.bias_hh_l0").offset() + gate * hidden;
    Workspace one = recurrent.workspace(1, batch, false);
    State state = State.zeros(config, batch);
    float[] x = new float[batch * inputs];
    float[] y = new float[batch * hidden];
    double[] counts = new double[bins];
    for (int t = 0; t < steps; t++) {
      embedding.forward(batch, Arrays.copyOfRange(tokens, t * batch, (t + 1) * batch), x);
      for (int b = 0; b < batch; b++) {
        for (int j = 0; j < hidden; j++) {
          double sum = values[biasIh + j] + values[biasHh + j];
          for (int i = 0; i < inputs; i++) {
            sum += values[weightIh + j * inputs + i] * x[b * inputs + i];
          }
          for (int i = 0; i < hidden; i++) {
            sum += values[weightHh + j * hidden + i] * state.h()[b * hidden + i];
          }
          double open = 1 / (1 + StrictMath.exp(-sum));
          counts[Math.min(bins - 1, (int) (open * bins))]++;
        }
      }
      recurrent.forward(one, x, state, null, y, state);
    }
    double all = Arrays.stream(counts).sum();
    return Arrays.stream(counts).map(count -> count / all).toArray();
  }
}
