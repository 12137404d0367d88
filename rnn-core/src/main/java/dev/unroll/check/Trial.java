package dev.unroll.check;

import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.cell.StatePart;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A network with seeded data, and the objective that its gradients are of: sum(y gradY) + sum(h_n
 * gradHN), and so on for each part of the state.
 */
final class Trial {
  /** Something the objective depends on, and the gradient to it. */
  record Tensor(String name, float[] values, int offset, int size, float[] gradients) {
    double gradient(int i) {
      return gradients[offset + i];
    }
  }

  private final RecurrentConfig config;
  private final int steps;
  private final int batch;

  /** Whether there are lengths and an initial state. */
  private final boolean full;

  private final Parameters parameters = new Parameters();
  private final Recurrent network;
  private final Workspace inference;
  private final float[] x;
  private final State initial;
  private final int @Nullable [] lengths;
  private final float[] y;
  private final State last;
  private final float[] gradY;
  private final State gradLast;
  private final float[] gradX;
  private final State gradInitial;

  Trial(RecurrentConfig config, int steps, int batch, boolean full) {
    this.config = config;
    this.steps = steps;
    this.batch = batch;
    this.full = full;
    RandomGenerator random = Initializer.random(1);
    network = new Recurrent(parameters, "", config);
    Initializer.recurrentDefault(parameters, "", config.hiddenSize(), random);
    inference = network.workspace(steps, batch, false, Team.single());
    x = draw(random, new float[steps * batch * config.inputSize()]);
    initial = State.zeros(config, batch);
    lengths = full ? new int[batch] : null;
    if (lengths != null) {
      draw(random, initial);
      for (int i = 0; i < initial.parts().size(); i++) {
        // A normalizer is above 0.
        if (initial.states().get(i).name().equals("n")) {
          float[] n = initial.part(i);
          for (int k = 0; k < n.length; k++) {
            n[k] += 2;
          }
        }
      }
      Arrays.setAll(lengths, b -> b == 0 ? steps : 1 + random.nextInt(steps));
    }
    y = new float[steps * batch * config.outputSize()];
    last = State.zeros(config, batch);
    gradY = draw(random, y.clone());
    gradLast = draw(random, State.zeros(config, batch));
    gradX = new float[x.length];
    gradInitial = State.zeros(config, batch);
  }

  private static float[] draw(RandomGenerator random, float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  private static State draw(RandomGenerator random, State state) {
    state.parts().forEach(part -> draw(random, part));
    return state;
  }

  RecurrentConfig config() {
    return config;
  }

  /** {@return the parameters, x and, if there is one, the initial state} */
  List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    for (Slice slice : parameters.slices()) {
      tensors.add(
          new Tensor(
              slice.name(),
              parameters.values(),
              slice.offset(),
              slice.size(),
              parameters.gradients()));
    }
    tensors.add(new Tensor("x", x, 0, x.length, gradX));
    if (full) {
      for (int i = 0; i < initial.parts().size(); i++) {
        StatePart state = initial.states().get(i);
        float[] part = initial.part(i);
        if (state.differentiable()) {
          tensors.add(new Tensor(state.name() + "_0", part, 0, part.length, gradInitial.part(i)));
        }
      }
    }
    return tensors;
  }

  /** Runs forward and backward and gives y, the last state and all gradients. */
  float[][] run(Team team) {
    Workspace training = network.workspace(steps, batch, true, team);
    network.forward(training, x, full ? initial : null, lengths, y, last);
    parameters.zeroGradients();
    network.backward(training, x, gradY, gradLast, gradX, gradInitial);
    List<float[]> all = new ArrayList<>(List.of(y, parameters.gradients(), gradX));
    all.addAll(last.parts());
    all.addAll(gradInitial.parts());
    return all.stream().map(float[]::clone).toArray(float[][]::new);
  }

  /** {@return the outputs of the last pass, {@code [T, B, D*S]}} */
  float[] outputs() {
    return y;
  }

  /** {@return the objective where one element is moved} */
  double moved(Tensor tensor, int i, double by) {
    int at = tensor.offset() + i;
    float value = tensor.values()[at];
    tensor.values()[at] = (float) (value + by);
    parameters.changed();
    double objective = objective();
    tensor.values()[at] = value;
    parameters.changed();
    return objective;
  }

  /** {@return the objective, by inference} */
  double objective() {
    network.forward(inference, x, full ? initial : null, lengths, y, last);
    return sum(1);
  }

  /** {@return the root of the sum of the squares of the objective's terms, after the last pass} */
  double norm() {
    return Math.sqrt(sum(2));
  }

  /** The objective's terms to some power. */
  private double sum(int power) {
    double sum = sum(y, gradY, power);
    for (int i = 0; i < last.parts().size(); i++) {
      if (last.states().get(i).differentiable()) {
        sum += sum(last.part(i), gradLast.part(i), power);
      }
    }
    return sum;
  }

  private static double sum(float[] a, float[] b, int power) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double term = (double) a[i] * b[i];
      sum += power == 1 ? term : term * term;
    }
    return sum;
  }

  @Override
  public String toString() {
    return "%s, %d inputs, %d units, %s, %s%s%s, T = %d, B = %d%s"
        .formatted(
            config.cell().name(),
            config.inputSize(),
            config.hiddenSize(),
            config.numLayers() == 1 ? "one layer" : config.numLayers() + " layers",
            config.bidirectional() ? "both directions" : "one direction",
            config.bias() ? "" : ", no bias",
            config.projSize() > 0 ? ", projection to " + config.projSize() : "",
            steps,
            batch,
            full ? ", lengths and initial states" : "");
  }
}
