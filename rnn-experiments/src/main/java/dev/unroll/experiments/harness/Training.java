package dev.unroll.experiments.harness;

import dev.unroll.cell.Parameters;
import dev.unroll.experiments.result.TrialRecord.Failure;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Optimizer;
import dev.unroll.train.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Training steps that watch themselves: a loss or gradient that is not finite stops the trial. */
public final class Training {
  private static final Pattern RECURRENT = Pattern.compile(".*_l(\\d+)(_reverse)?");

  private final Parameters parameters;
  private final Optimizer optimizer;
  private final double clipNorm;
  private int steps;
  private double norm;

  /**
   * A training.
   *
   * @param parameters what is trained
   * @param optimizer how
   * @param clipNorm largest global norm of the gradients, or infinity for no clipping
   */
  public Training(Parameters parameters, Optimizer optimizer, double clipNorm) {
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.clipNorm = clipNorm;
  }

  /**
   * One step: gradients to zero, forward and loss, backward, clipping, optimizer.
   *
   * @param forward runs the forward pass and returns the loss
   * @param backward adds the gradients
   * @return the loss
   * @throws TrialStopped when loss or gradients are not finite
   */
  public double step(DoubleSupplier forward, Runnable backward) {
    steps++;
    parameters.zeroGradients();
    double loss = forward.getAsDouble();
    if (!Double.isFinite(loss)) {
      throw stopped("The loss is " + loss);
    }
    backward.run();
    double before = norm;
    norm =
        Double.isInfinite(clipNorm)
            ? GradientClipping.globalNorm(parameters)
            : GradientClipping.byGlobalNorm(parameters, clipNorm);
    if (!Double.isFinite(norm)) {
      double notFinite = norm;
      norm = before;
      throw stopped("The gradient norm is " + notFinite);
    }
    optimizer.step(parameters);
    return loss;
  }

  /** One step on a task's next batch. */
  public double step(Task task, Session session) {
    task.next();
    return step(
        () -> {
          task.forward(session);
          return task.loss(session);
        },
        session::backward);
  }

  /**
   * One step on tokens from zero states, with the cross-entropy of what follows them.
   *
   * @param tokens {@code [T, B]}
   * @param targets as many as the session reads out
   */
  public double step(Session session, int[] tokens, int[] targets) {
    return step(
        () -> {
          session.forward(tokens);
          return session.crossEntropy(targets);
        },
        session::backward);
  }

  /**
   * The norm of the last step's gradients in each layer before clipping: {@code embedding}, {@code
   * layer 1} and so on, both directions together, {@code readout}, whichever there are.
   */
  public Map<String, Double> layerNorms() {
    Map<String, Double> squares = new LinkedHashMap<>();
    for (Parameters.Slice slice : parameters.slices()) {
      double sum = 0;
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        sum += (double) parameters.gradients()[i] * parameters.gradients()[i];
      }
      squares.merge(layer(slice.name()), sum, Double::sum);
    }
    // The gradients have been scaled to the clipping's norm where they were above it.
    double scale = Math.max(1, norm / clipNorm);
    squares.replaceAll((layer, square) -> scale * StrictMath.sqrt(square));
    return squares;
  }

  private static String layer(String parameter) {
    Matcher recurrent = RECURRENT.matcher(parameter);
    if (recurrent.matches()) {
      return "layer " + (Integer.parseInt(recurrent.group(1)) + 1);
    }
    return parameter.startsWith("fc.") ? "readout" : parameter.replaceFirst("\\..*", "");
  }

  private TrialStopped stopped(String what) {
    String cause =
        norm > 1e3
            ? ": the gradients exploded (their norm was "
                + Numbers.plain(norm)
                + " at the last good step); clip them or lower the learning rate."
            : ": the learning rate is too high for this setting, or the input is not finite.";
    return new TrialStopped(new Failure(steps, norm, what + cause));
  }

  /** Goes on after so many steps, the last of which had gradients of this norm. */
  public void resume(int taken, double lastNorm) {
    steps = taken;
    norm = lastNorm;
  }

  /** The global norm of the last step's gradients before clipping. */
  public double gradientNorm() {
    return norm;
  }
}
