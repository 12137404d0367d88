package dev.unroll.experiments.task;

import dev.unroll.train.Model.Readout;
import java.util.random.RandomGenerator;

/**
 * Composition in S3, the permutations of three things: each token is one of the six, each as likely
 * as the others, and after each step the composition of all so far is asked for. S3 is the smallest
 * group whose order of multiplication matters; it is solvable, so that the word problem that is
 * complete for NC1 (that of S5; Merrill, Petty and Sabharwal 2024) is not this one.
 */
public final class PermutationTask extends TokenTask {
  /** Where permutation p puts thing k; 0 is the identity. */
  static final int[][] PERMUTATIONS = {
    {0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}
  };

  /** Tokens, and states. */
  public static final int SIZE = PERMUTATIONS.length;

  private static final int[][] PRODUCT = product();

  /** Batches of one shape. */
  public PermutationTask(int steps, int batch, RandomGenerator random) {
    super(steps, batch, Readout.EVERY_STEP, random);
  }

  @Override
  public void next() {
    drawTokens(SIZE);
    for (int i = 0; i < tokens.length; i++) {
      targets[i] = i < batch() ? tokens[i] : PRODUCT[tokens[i]][targets[i - batch()]];
    }
  }

  /** [p][q]: q first, then p. */
  private static int[][] product() {
    int[][] product = new int[SIZE][SIZE];
    for (int p = 0; p < SIZE; p++) {
      for (int q = 0; q < SIZE; q++) {
        for (int r = 0; r < SIZE; r++) {
          boolean same = true;
          for (int k = 0; k < 3; k++) {
            same &= PERMUTATIONS[r][k] == PERMUTATIONS[p][PERMUTATIONS[q][k]];
          }
          product[p][q] = same ? r : product[p][q];
        }
      }
    }
    return product;
  }
}
