package dev.unroll.check;

import dev.unroll.cell.Cell;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Holds a cell's backward against its forward, for a test of one's own cell:
 *
 * <pre>{@code
 * @Test
 * void gradients() {
 *   Gradients.check(new IndRnn());
 * }
 * }</pre>
 *
 * <p>Small networks of the cell, of several layers, directions, lengths and batches, with and
 * without biases, initial states and projection: the gradients to all parameters, the input and the
 * initial states must be what central differences of the outputs say. Of large tensors some
 * elements are compared. Outputs and gradients must be finite, have the same bits on several
 * threads, and the outputs those of inference. Takes a few seconds; the same result every time.
 *
 * <p>Outputs are floats, so a difference is sure to about a thousandth of the tensor's largest
 * gradient; a smaller error is not found. At a kink, such as a rectifier's, shorter steps and
 * differences to one side count too. At a jump there is no gradient to compare with.
 */
public final class Gradients {
  private static final int THREADS = 3;

  /** A gradient may be off by so much of the largest one of its tensor. */
  private static final double TOLERANCE = 2e-3;

  /** What float's rounding does to an objective, relative to the root of its terms' squares. */
  private static final double ROUNDING = 4e-7;

  private static final double STEP = 0x1p-5;

  /** For elements that a kink is near to. */
  private static final double[] SHORT_STEPS = {0x1p-8, 0x1p-10, 0x1p-12};

  /** Elements of a tensor that are compared. */
  private static final int MOST = 100;

  private Gradients() {}

  /**
   * The comparison that agreed least.
   *
   * @param network what was computed, in words
   * @param tensor a parameter's name, {@code x}, or a state such as {@code h_0}
   * @param element its index in the tensor, row-major
   * @param gradient what backward gave
   * @param difference what differences of the outputs gave
   * @param error how far these two are apart, of the largest gradient of the tensor
   */
  public record Worst(
      String network,
      String tensor,
      int element,
      double gradient,
      double difference,
      double error) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "the gradient to %s[%d] is %.6g and should be %.6g, which differs by %.2g of the tensor's"
              + " largest gradient (%s)",
          tensor,
          element,
          gradient,
          difference,
          error,
          network);
    }
  }

  /**
   * Checks a cell.
   *
   * @param cell any cell
   * @return the comparison that agreed least
   * @throws AssertionError if a gradient is wrong or results depend on the threads; the message
   *     names the worst element
   * @throws IllegalArgumentException if what the cell says of itself does not fit together
   */
  public static Worst check(Cell cell) {
    RecurrentConfig small = RecurrentConfig.of(cell, 3, 5);
    RecurrentConfig deep = small.withNumLayers(2).withBidirectional(true);
    List<Trial> trials = new ArrayList<>();
    trials.add(new Trial(deep, 4, 3, true));
    trials.add(new Trial(small.withBias(false), 5, 1, false));
    trials.add(new Trial(small, 70, 2, true));
    // Several groups of columns, more rows than groups and fewer.
    trials.add(new Trial(RecurrentConfig.of(cell, 2, 70), 3, 7, true));
    trials.add(new Trial(RecurrentConfig.of(cell, 2, 70), 4, 1, false));
    if (RecurrentConfig.takesProjection(cell)) {
      trials.add(new Trial(deep.withProjSize(2), 4, 3, true));
    }
    Worst worst = new Worst("", "", 0, 0, 0, -1);
    for (Trial trial : trials) {
      Worst here = compare(trial);
      worst = here.error > worst.error ? here : worst;
    }
    // Enough weights that threads divide the units of a small batch.
    trials.add(new Trial(RecurrentConfig.of(cell, 3, 190), 3, 2, false));
    try (Team team = new Team(THREADS)) {
      for (Trial trial : trials) {
        sameBits(trial, team);
      }
    }
    return worst;
  }

  private static void sameBits(Trial trial, Team team) {
    float[][] one = trial.run(Team.single());
    if (!Arrays.deepEquals(trial.run(team), one)) {
      throw wrong(
          trial,
          "results on "
              + THREADS
              + " threads differ from those on one, so it keeps something in fields ("
              + trial
              + ")");
    }
    trial.objective();
    if (!Arrays.equals(trial.outputs(), one[0])) {
      throw wrong(
          trial,
          "outputs in inference differ from those in training, so forward leaves a result out or"
              + " reads what it is not given ("
              + trial
              + ")");
    }
  }

  private static AssertionError wrong(Trial trial, String what) {
    return new AssertionError("Cell '" + trial.config().cell().name() + "': " + what + ".");
  }

  private static Worst compare(Trial trial) {
    trial.run(Team.single());
    double rounding = ROUNDING * trial.norm();
    Worst worst = new Worst(trial.toString(), "x", 0, 0, 0, 0);
    double most = 0;
    for (Trial.Tensor tensor : trial.tensors()) {
      int count = Math.min(MOST, tensor.size());
      double[] differences = new double[count];
      double scale = 0;
      for (int k = 0; k < count; k++) {
        int i = element(k, count, tensor);
        double gradient = tensor.gradient(i);
        if (!Double.isFinite(gradient)) {
          throw wrong(
              trial,
              "the gradient to "
                  + tensor.name()
                  + "["
                  + i
                  + "] is "
                  + gradient
                  + ": units past H, whose pre-activations are 0, must stay finite too ("
                  + trial
                  + ")");
        }
        differences[k] = central(trial, tensor, i);
        if (!Double.isFinite(differences[k])) {
          throw wrong(
              trial,
              "where "
                  + tensor.name()
                  + "["
                  + i
                  + "] is moved a little, an output is not finite ("
                  + trial
                  + ")");
        }
        scale = Math.max(scale, Math.max(Math.abs(gradient), Math.abs(differences[k])));
      }
      for (int k = 0; k < count; k++) {
        int i = element(k, count, tensor);
        double gradient = tensor.gradient(i);
        double allowed = TOLERANCE * scale + rounding / STEP;
        for (int s = 0; s < SHORT_STEPS.length; s++) {
          if (Math.abs(gradient - differences[k]) <= allowed) {
            break;
          }
          differences[k] = nearest(trial, tensor, i, SHORT_STEPS[s], differences[k]);
          allowed = TOLERANCE * scale + 2 * rounding / SHORT_STEPS[s];
        }
        double error = Math.abs(gradient - differences[k]);
        if (error > most * allowed) {
          most = error / allowed;
          worst =
              new Worst(
                  trial.toString(), tensor.name(), i, gradient, differences[k], error / scale);
        }
      }
    }
    if (most > 1) {
      throw wrong(trial, worst.toString());
    }
    return worst;
  }

  /** The k-th of the compared elements, which are spread over the tensor. */
  private static int element(int k, int count, Trial.Tensor tensor) {
    return (int) ((long) k * tensor.size() / count);
  }

  /** Of fourth order, so that the step may be long and rounding small. */
  private static double central(Trial trial, Trial.Tensor tensor, int i) {
    double near = trial.moved(tensor, i, STEP) - trial.moved(tensor, i, -STEP);
    double far = trial.moved(tensor, i, 2 * STEP) - trial.moved(tensor, i, -2 * STEP);
    return (8 * near - far) / (12 * STEP);
  }

  /** What is nearest to the gradient: a difference so far, or one of a step that is shorter. */
  private static double nearest(
      Trial trial, Trial.Tensor tensor, int i, double step, double difference) {
    double here = trial.moved(tensor, i, 0);
    double above = (trial.moved(tensor, i, step) - here) / step;
    double below = (here - trial.moved(tensor, i, -step)) / step;
    double nearest = difference;
    for (double candidate : new double[] {above, below, (above + below) / 2}) {
      double gradient = tensor.gradient(i);
      nearest = Math.abs(gradient - candidate) < Math.abs(gradient - nearest) ? candidate : nearest;
    }
    return nearest;
  }
}
