package dev.unroll.experiments.harness;

import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;

/**
 * A problem without an end: batches of one shape, each drawn afresh, so that a batch that has not
 * been learned from yet is also a fair test.
 */
public interface Task {
  /** T. */
  int steps();

  /** B. */
  int batch();

  /** Which steps are asked for an answer. */
  Readout readout();

  /** Draws the next batch. */
  void next();

  /** Runs the drawn batch through the session's model. */
  void forward(Session session);

  /** The loss of the batch, after {@link #forward}; the session is then ready to go backward. */
  double loss(Session session);

  /** How well the batch was done, after {@link #loss}: 1 where all of it is right. */
  double score(Session session);
}
