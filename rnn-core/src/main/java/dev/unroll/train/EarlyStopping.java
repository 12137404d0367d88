package dev.unroll.train;

import dev.unroll.cell.Parameters;

/**
 * Ends a training when the loss on held-out data no longer falls, and keeps the parameters that had
 * the lowest one (Prechelt 1998). After each evaluation:
 *
 * <pre>
 * stopping.update(heldOutLoss);
 * if (stopping.stop()) {
 *   break;
 * }
 * </pre>
 *
 * <p>and after the training {@link #restore()}. Not thread-safe.
 */
public final class EarlyStopping {
  private final Parameters parameters;
  private final int patience;
  private final double minDelta;
  private final float[] kept;
  private int updates;
  private double best = Double.POSITIVE_INFINITY;
  private int bestUpdate;

  /** The loss that has to be undercut by minDelta, and since when. */
  private double mark = Double.POSITIVE_INFINITY;

  private int markUpdate;

  /**
   * Takes a copy of the parameters as they are.
   *
   * @param parameters those that are trained
   * @param patience evaluations in a row without progress after which to stop, at least 1; {@code
   *     Integer.MAX_VALUE} to keep the best only
   * @param minDelta what the loss must have fallen by, since there last was progress, to count as
   *     progress; at least 0
   * @throws IllegalArgumentException if a number is out of range
   */
  public EarlyStopping(Parameters parameters, int patience, double minDelta) {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "The patience is " + patience + ": at least 1 evaluation is needed.");
    }
    this.parameters = parameters;
    this.patience = patience;
    this.minDelta = BaseOptimizer.atLeastZero("minDelta", minDelta);
    kept = parameters.values().clone();
  }

  /**
   * Takes note of an evaluation, and of the parameters if none before had a lower or the same loss.
   *
   * @param loss on held-out data; a loss that is not a number is no progress
   * @return whether it is the lowest so far
   */
  public boolean update(double loss) {
    updates++;
    if (loss < mark - minDelta) {
      mark = loss;
      markUpdate = updates;
    }
    if (!(loss < best)) {
      return false;
    }
    best = loss;
    bestUpdate = updates;
    System.arraycopy(parameters.values(), 0, kept, 0, kept.length);
    return true;
  }

  /** {@return whether patience is at its end} */
  public boolean stop() {
    return updates - markUpdate >= patience;
  }

  /** {@return the lowest loss; infinity before the first} */
  public double best() {
    return best;
  }

  /** {@return which update had the lowest loss, counted from 1; 0 if none had a finite one} */
  public int bestUpdate() {
    return bestUpdate;
  }

  /** Sets the parameters to those with the lowest loss. */
  public void restore() {
    System.arraycopy(kept, 0, parameters.values(), 0, kept.length);
    parameters.changed();
  }
}
