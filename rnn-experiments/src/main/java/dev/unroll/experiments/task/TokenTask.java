package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

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
    return right(session, targets.length - batch);
  }

  /** The fraction of all answers that are right. */
  static double right(Session session) {
    return (double) session.correct() / session.count();
  }

  /** The fraction of the answers from the {@code from}-th of {@link #targets} on that are right. */
  final double right(Session session, int from) {
    return right(session.predictions(), from, targets.length);
  }

  /** The fraction of sequences that are right, for each answer of a sequence. */
  public final double[] scores(Session session) {
    int[] predictions = session.predictions();
    return IntStream.range(0, targets.length / batch)
        .mapToDouble(answer -> right(predictions, answer * batch, (answer + 1) * batch))
        .toArray();
  }

  private double right(int[] predictions, int from, int to) {
    int right = 0;
    for (int i = from; i < to; i++) {
      right += predictions[i] == targets[i] ? 1 : 0;
    }
    return (double) right / (to - from);
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
