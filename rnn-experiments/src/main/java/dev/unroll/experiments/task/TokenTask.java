package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;

/** Tokens in, a class asked for after each step or after the last. */
public abstract class TokenTask implements Task {
  private final int steps;
  private final int batch;
  private final Readout readout;

  /** The source of chance. */
  final RandomGenerator random;

  /** The input {@code [T, B]} of the last batch. */
  final int[] tokens;

  /** Its answers: {@code [T, B]}, or {@code [B]} where only the last step is asked. */
  final int[] targets;

  TokenTask(int steps, int batch, Readout readout, RandomGenerator random) {
    this.steps = steps;
    this.batch = batch;
    this.readout = readout;
    this.random = random;
    tokens = new int[steps * batch];
    targets = new int[readout == Readout.LAST_STEP ? batch : steps * batch];
  }

  @Override
  public final int steps() {
    return steps;
  }

  @Override
  public final int batch() {
    return batch;
  }

  @Override
  public final Readout readout() {
    return readout;
  }

  /** Draws every token from {@code vocabSize} alike. */
  final void drawTokens(int vocabSize) {
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = random.nextInt(vocabSize);
    }
  }

  @Override
  public final void forward(Session session) {
    session.forward(tokens);
  }

  @Override
  public final double loss(Session session) {
    return session.crossEntropy(targets);
  }

  /** The fraction of sequences whose last answer, which may need every token, is right. */
  @Override
  public double score(Session session) {
    return score(session, targets.length / batch - 1);
  }

  /** The fraction of all answers that are right. */
  static double right(Session session) {
    return (double) session.correct() / session.count();
  }

  /** The fraction of sequences whose answer of that index, counted from 0, is right. */
  public final double score(Session session, int answer) {
    int right = 0;
    for (int i = answer * batch; i < (answer + 1) * batch; i++) {
      right += session.predictions()[i] == targets[i] ? 1 : 0;
    }
    return (double) right / batch;
  }

  /** The input {@code [T, B]}. */
  public final int[] tokens() {
    return tokens;
  }

  /** The answers: {@code [T, B]}, or {@code [B]} where only the last step is asked. */
  public final int[] targets() {
    return targets;
  }
}
