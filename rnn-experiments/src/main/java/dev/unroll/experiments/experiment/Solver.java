package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Experiment.Outcome;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Task;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trains a model on a task until it is solved or the steps run out. Each batch is scored before it
 * is learned from, so that the score is one on unseen data; the task counts as solved once the mean
 * score of a window of batches reaches the bar.
 *
 * @param steps most training steps
 * @param learningRate Adam's
 * @param clipNorm largest global norm of the gradients
 * @param window batches that are looked at together
 * @param bar mean score of a window that counts as solved
 */
record Solver(int steps, double learningRate, double clipNorm, int window, double bar) {
  /**
   * Checks settings that go into a solver.
   *
   * @throws IllegalArgumentException naming the one that cannot be
   */
  static void require(int steps, double learningRate, double clipNorm, int window) {
    Configs.require(steps >= 1, "steps must be at least 1.");
    Configs.require(learningRate > 0, "learning_rate must be positive.");
    Configs.require(clipNorm > 0, "clip_norm must be positive.");
    Configs.require(window >= 1 && window <= steps, "window must be from 1 to steps.");
  }

  /**
   * How it went.
   *
   * @param solved whether the bar was reached
   * @param steps training steps that were taken
   * @param score mean score of the last window
   * @param bestScore the best window's
   * @param losses mean loss of each window
   */
  record Run(boolean solved, int steps, double score, double bestScore, List<Double> losses) {
    /** Adds what was measured. */
    ObjectNode into(ObjectNode figures) {
      figures.put("solved", solved ? 1 : 0);
      figures.put("steps", steps);
      figures.put("score", score);
      figures.put("best_score", bestScore);
      return figures;
    }

    /** As {@link #into}, with the losses. */
    ObjectNode withLosses(ObjectNode figures) {
      into(figures);
      double[] rounded =
          losses.stream().mapToDouble(loss -> StrictMath.rint(loss * 1e6) / 1e6).toArray();
      figures.set("losses", Json.COMPACT.valueToTree(rounded));
      return figures;
    }
  }

  /**
   * Trains. Progress goes from {@code from} to {@code to}.
   *
   * @throws dev.unroll.experiments.harness.TrialStopped when loss or gradients leave the finite
   *     numbers
   */
  Run run(Model model, Task task, TrialContext context, double from, double to) {
    Session session =
        model.session(task.steps(), task.batch(), task.readout(), true, Team.single());
    Training training = new Training(model.parameters(), new Adam(learningRate), clipNorm);
    List<Double> losses = new ArrayList<>();
    double loss = 0;
    double score = 0;
    double last = 0;
    double best = Double.NEGATIVE_INFINITY;
    for (int step = 1; step <= steps; step++) {
      task.next();
      loss +=
          training.step(
              () -> {
                task.forward(session);
                return task.loss(session);
              },
              session::backward);
      score += task.score(session);
      if (step % window == 0) {
        losses.add(loss / window);
        last = score / window;
        best = Math.max(best, last);
        loss = 0;
        score = 0;
        if (last >= bar) {
          return new Run(true, step, last, best, losses);
        }
        context.progress(
            from + (to - from) * step / steps,
            Numbers.format(
                "T %d, step %d, loss %.3f, score %.2f",
                task.steps(), step, losses.getLast(), last));
      }
    }
    return new Run(false, steps, last, best, losses);
  }

  /**
   * Draws the mean loss of the trials against the training steps, with its band. A trial that ended
   * early stays at its last value, so that every seed stands behind every point.
   */
  static void drawLosses(XYChart chart, String name, Ink ink, Outcome<?> some, int window) {
    List<double[]> curves = some.records().stream().map(one -> one.numbers("losses")).toList();
    int points = curves.stream().mapToInt(curve -> curve.length).max().orElse(0);
    List<double[]> filled = new ArrayList<>();
    for (double[] curve : curves) {
      double[] whole = Arrays.copyOf(curve, points);
      Arrays.fill(whole, curve.length, points, curve[curve.length - 1]);
      filled.add(whole);
    }
    double[] x = IntStream.rangeClosed(1, points).mapToDouble(i -> (double) i * window).toArray();
    Charts.meanWithBand(chart, name, ink, x, filled, false);
  }
}
