package dev.unroll.experiments.harness;

import dev.unroll.report.number.Numbers;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.List;

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
public record Solver(int steps, double learningRate, double clipNorm, int window, double bar) {
  /**
   * How it went.
   *
   * @param solved whether the bar was reached
   * @param steps training steps that were taken
   * @param score mean score of the last window
   * @param bestScore the best window's
   * @param losses mean loss of each window
   */
  public record Run(
      boolean solved, int steps, double score, double bestScore, List<Double> losses) {
    /** What was measured. */
    public Measured measured() {
      return new Measured()
          .put("solved", solved ? 1 : 0)
          .put("steps", steps)
          .put("score", score)
          .put("best_score", bestScore);
    }

    /** As {@link #measured}, with the losses. */
    public Measured withLosses() {
      return measured()
          .put(
              "losses",
              losses.stream().mapToDouble(loss -> StrictMath.rint(loss * 1e6) / 1e6).toArray());
    }
  }

  /**
   * Trains. Progress goes from {@code from} to {@code to}.
   *
   * @throws TrialStopped when loss or gradients are not finite any more
   */
  public Run run(Model model, Task task, TrialContext context, double from, double to) {
    Session session = model.session(task.steps(), task.batch(), task.readout(), true);
    Training training = new Training(model.parameters(), new Adam(learningRate), clipNorm);
    List<Double> losses = new ArrayList<>();
    double loss = 0;
    double score = 0;
    double last = 0;
    double best = Double.NEGATIVE_INFINITY;
    for (int step = 1; step <= steps; step++) {
      loss += training.step(task, session);
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
}
