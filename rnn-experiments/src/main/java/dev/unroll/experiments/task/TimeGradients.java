package dev.unroll.experiments.task;

import dev.unroll.run.Recurrent;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import dev.unroll.train.Embedding;
import dev.unroll.train.Model;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;

/**
 * The true gradient of a loss at the end of a sequence by the hidden state of each earlier step.
 */
public final class TimeGradients {
  private TimeGradients() {}

  /**
   * log10 of the norm of dL/dh_t over that of the last step's, both over the whole batch, for a
   * model whose loss looks at the last step only. The gradient is brought back to size at each
   * step, so that it does not underflow however far it reaches.
   *
   * @param tokens {@code [T, B]}
   * @param targets {@code [B]}
   * @return by lag, 0 to T - 1; lag 0 is the last step
   */
  public static double[] log10Norms(Model model, int[] tokens, int[] targets, int batch) {
    int steps = tokens.length / batch;
    Recurrent recurrent = model.recurrent();
    Embedding embedding = model.embedding();
    if (embedding == null || recurrent.config().numLayers() != 1) {
      throw new IllegalArgumentException("A model of one layer with an embedding is needed.");
    }
    Workspace one = recurrent.workspace(1, batch, true);
    float[] x = new float[batch * recurrent.config().inputSize()];
    float[] y = new float[batch * recurrent.config().outputSize()];
    State[] states = new State[steps + 1];
    states[0] = State.zeros(recurrent.config(), batch);
    for (int t = 0; t < steps; t++) {
      states[t + 1] = State.zeros(recurrent.config(), batch);
      embedding.forward(batch, Arrays.copyOfRange(tokens, t * batch, (t + 1) * batch), x);
      recurrent.forward(one, x, states[t], null, y, states[t + 1]);
    }
    State gradient = State.zeros(recurrent.config(), batch);
    float[] logits = new float[batch * model.config().outputSize()];
    model.linear().forward(Team.single(), batch, y, logits);
    new SoftmaxCrossEntropy(batch, model.config().outputSize(), Team.single())
        .forward(logits, targets);
    model.linear().backward(Team.single(), batch, y, logits, gradient.h());

    double[] logs = new double[steps];
    double scaled = 0;
    double last = log10Norm(gradient.h());
    float[] none = new float[y.length];
    for (int t = steps - 1; t >= 1; t--) {
      embedding.forward(batch, Arrays.copyOfRange(tokens, t * batch, (t + 1) * batch), x);
      recurrent.forward(one, x, states[t], null, y, null);
      State before = State.zeros(recurrent.config(), batch);
      recurrent.backward(one, x, none, gradient, null, before);
      double log = log10Norm(before.h());
      logs[steps - t] = log + scaled - last;
      float factor = (float) StrictMath.pow(10, -log);
      before.parts().forEach(part -> scale(part, factor));
      scaled += log;
      gradient = before;
    }
    model.parameters().zeroGradients();
    return logs;
  }

  /** log10 of the norm over the whole batch. */
  private static double log10Norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return StrictMath.log10(sum) / 2;
  }

  private static void scale(float[] values, float factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }
}
