package dev.unroll.experiments.task;

import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Formal languages that tell recurrences apart, after the tasks of Delétang et al. 2022. There a
 * string is answered once, at its end. Here whoever can be asked after each step is, which asks of
 * every shorter string too; {@link #BUCKET_SORT} answers after the whole string.
 */
public enum FormalLanguage {
  /** Whether the ones are odd in number: a state that one token flips. */
  PARITY(2, 2) {
    @Override
    int next(int state, int token) {
      return state ^ token;
    }
  },

  /**
   * Whether the changes, 01 and 10, are odd in number; that is, whether the last token differs from
   * the first.
   */
  EVEN_PAIRS(2, 2) {
    @Override
    int next(int state, int token) {
      return state == 0 ? 1 + token : state;
    }

    @Override
    int answer(int state, int token) {
      return (state - 1) ^ token;
    }
  },

  /** The place on a circle of five after steps back, none and forth. */
  CYCLE_NAVIGATION(3, 5) {
    @Override
    int next(int state, int token) {
      return Math.floorMod(state + token - 1, answers());
    }
  },

  /**
   * How many brackets are open, where it is less than eight: each token opens or closes one alike,
   * and opens one where none is open. The depth itself has no bound and comes back from wherever it
   * was, so it has to be counted. It stands for the suite's tasks with a stack.
   */
  BRACKET_DEPTH(2, 8) {
    @Override
    int draw(int state, RandomGenerator random) {
      return state == 0 ? 0 : random.nextInt(tokens());
    }

    @Override
    int next(int state, int token) {
      return state + 1 - 2 * token;
    }

    @Override
    int answer(int state, int token) {
      return state < answers() ? state : SoftmaxCrossEntropy.MASKED;
    }
  },

  /**
   * The letters of a string in order, told after it while blanks come. Each string has frequencies
   * of letters of its own: with the same ones for all, whoever knows the place in a long string can
   * guess most of the letters.
   */
  BUCKET_SORT(6, 5) {
    @Override
    int steps(int longest) {
      return 2 * longest;
    }

    @Override
    void write(int shortest, int[] string, int[] asked, RandomGenerator random) {
      int length = random.nextInt(shortest, string.length / 2 + 1);
      double[] shares = random.doubles(answers()).toArray();
      double all = Arrays.stream(shares).sum();
      Arrays.fill(string, answers());
      Arrays.fill(asked, SoftmaxCrossEntropy.MASKED);
      for (int t = 0; t < length; t++) {
        double at = all * random.nextDouble();
        int letter = 0;
        while (letter < answers() - 1 && at >= shares[letter]) {
          at -= shares[letter++];
        }
        string[t] = letter;
      }
      System.arraycopy(string, 0, asked, length, length);
      Arrays.sort(asked, length, 2 * length);
    }
  };

  private final int tokens;
  private final int answers;

  FormalLanguage(int tokens, int answers) {
    this.tokens = tokens;
    this.answers = answers;
  }

  /** The names of all: {@code parity}, {@code even-pairs} and so on. */
  public static List<String> names() {
    return Arrays.stream(values()).map(FormalLanguage::label).toList();
  }

  /**
   * The language of one of the {@link #names}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FormalLanguage named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return how many different tokens there are} */
  public int tokens() {
    return tokens;
  }

  /** {@return how many different answers there are} */
  public int answers() {
    return answers;
  }

  /** {@return the steps of strings of up to so many tokens, with those of the answers} */
  int steps(int longest) {
    return longest;
  }

  /**
   * Draws one string, and what is asked of it: the answers for its lengths from {@code shortest} to
   * the longest that there is room for, or that for one of these lengths.
   *
   * @param string the tokens, written
   * @param asked the answer after each step, written; masked where none is asked for
   */
  void write(int shortest, int[] string, int[] asked, RandomGenerator random) {
    int state = 0;
    for (int t = 0; t < string.length; t++) {
      string[t] = draw(state, random);
      state = next(state, string[t]);
      asked[t] = t + 1 < shortest ? SoftmaxCrossEntropy.MASKED : answer(state, string[t]);
    }
  }

  /** {@return a token that may come in this state} */
  int draw(int state, RandomGenerator random) {
    return random.nextInt(tokens);
  }

  /** {@return the state after a token; it begins as 0} */
  int next(int state, int token) {
    return state;
  }

  /** {@return the answer in a state that this token has led to, or masked} */
  int answer(int state, int token) {
    return state;
  }
}
