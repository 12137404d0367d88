package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.TrialRecord.Failure;

/** A trial that cannot go on; the sweep goes on without it. */
public final class TrialStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  /** Stops the trial for this reason. */
  public TrialStopped(Failure failure) {
    super(failure.cause());
    this.failure = failure;
  }

  /** Why. */
  public Failure failure() {
    return failure;
  }
}
