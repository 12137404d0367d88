package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step and its gradients against the equations in double, and central differences of them. */
@Tag("widths")
class DeltaRuleTest {
  private static final int STRIP = DeltaRule.STRIP;
  private static final double STEP = 1e-6;
  private static final int VALUES = 5;

  /** One step's numbers; in a row lie k, q, the key of the step to come, and v. */
  private static final class Numbers {
    final int keys;
    final int columns;
    final int ldk;
    final float[] state;
    final float[] row;
    final float[] gradient;
    final float[] dy;
    final float decay = .9f;
    final float beta = 1.3f;

    Numbers(int keys, int columns) {
      this.keys = keys;
      this.columns = columns;
      ldk = Math.ceilDiv(keys, 16) * 16;
      Random random = new Random(keys * 100L + columns);
      state = RandomFloats.uniform(random, keys * STRIP);
      row = RandomFloats.uniform(random, 3 * ldk + columns);
      gradient = RandomFloats.uniform(random, keys * STRIP);
      dy = RandomFloats.uniform(random, columns);
      for (int part = 0; part < 3; part++) {
        Arrays.fill(row, part * ldk + keys, (part + 1) * ldk, 0f);
      }
    }

    int v() {
      return 3 * ldk;
    }

    /** v in an array of its own, after {@link #VALUES} others. */
    float[] values() {
      float[] values = new float[VALUES + columns];
      System.arraycopy(row, v(), values, VALUES, columns);
      return values;
    }

    /** The other way: a row for each column. */
    float[] turned(float[] matrix) {
      float[] turned = new float[columns * ldk];
      for (int i = 0; i < keys; i++) {
        for (int j = 0; j < columns; j++) {
          turned[j * ldk + i] = matrix[i * STRIP + j];
        }
      }
      return turned;
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  private static double dot(double[] s, double[] row, int at, int j, int keys) {
    double sum = 0;
    for (int i = 0; i < keys; i++) {
      sum += s[i * STRIP + j] * row[at + i];
    }
    return sum;
  }

  /** Replaces s by the state after the step. */
  private static void step(Numbers n, double[] s, double[] row, double decay, double beta) {
    for (int j = 0; j < n.columns; j++) {
      double u = beta * (row[n.v() + j] - decay * dot(s, row, 0, j, n.keys));
      for (int i = 0; i < n.keys; i++) {
        s[i * STRIP + j] = decay * s[i * STRIP + j] + row[i] * u;
      }
    }
  }

  private static double objective(
      Numbers n, double[] state, double[] row, double logDecay, double beta) {
    double[] s = state.clone();
    step(n, s, row, Math.exp(logDecay), beta);
    double sum = 0;
    for (int j = 0; j < n.columns; j++) {
      sum += n.dy[j] * dot(s, row, n.ldk, j, n.keys);
      for (int i = 0; i < n.keys; i++) {
        sum += n.gradient[i * STRIP + j] * s[i * STRIP + j];
      }
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"1,16", "3,32", "17,48", "64,64", "90,64"})
  void aStepIsThatOfTheEquations(int keys, int columns) {
    Numbers n = new Numbers(keys, columns);
    double[] after = doubles(n.state);
    step(n, after, doubles(n.row), n.decay, n.beta);

    float[] s = n.state.clone();
    float[] row = n.row.clone();
    float[] values = n.values();
    float[] w = new float[columns];
    float[] y = new float[columns];
    DeltaRule.recall(w, 0, s, 0, keys, columns, row, 0);
    float[] recalled = w.clone();
    DeltaRule.stepAndRecall(
        y, 0, s, 0, keys, columns, n.decay, n.beta, row, 0, values, VALUES, n.ldk, 2 * n.ldk, w, 0);
    for (int j = 0; j < columns; j++) {
      assertClose(y[j], dot(after, doubles(n.row), n.ldk, j, keys));
      assertClose(w[j], dot(after, doubles(n.row), 2 * n.ldk, j, keys));
      for (int i = 0; i < keys; i++) {
        assertClose(s[i * STRIP + j], after[i * STRIP + j]);
      }
      for (int i = 0; i < keys && columns < STRIP; i++) {
        assertThat(s[i * STRIP + columns]).isEqualTo(n.state[i * STRIP + columns]);
      }
    }

    float[] again = n.state.clone();
    float[] valuesAgain = n.values();
    float[] out = recalled.clone();
    DeltaRule.step(
        out,
        0,
        again,
        0,
        keys,
        columns,
        n.decay,
        n.beta,
        row,
        0,
        valuesAgain,
        VALUES,
        n.ldk,
        out,
        0);
    assertThat(out).isEqualTo(y);
    assertThat(again).isEqualTo(s);
    assertThat(valuesAgain).isEqualTo(values);
    assertThat(row).isEqualTo(n.row);
    float[] next = new float[columns];
    DeltaRule.recall(next, 0, s, 0, keys, columns, row, 2 * n.ldk);
    assertThat(next).isEqualTo(w);

    float[] replayed = new float[columns * n.ldk];
    new DeltaGradient()
        .replay(
            replayed,
            0,
            n.turned(n.state),
            0,
            columns,
            n.ldk,
            n.decay,
            n.beta,
            row,
            0,
            values,
            VALUES);
    assertThat(replayed).isEqualTo(n.turned(s));
  }

  @ParameterizedTest
  @CsvSource({"1,16", "3,32", "17,48", "64,64", "90,64"})
  void gradientsAreThoseOfTheEquations(int keys, int columns) {
    Numbers n = new Numbers(keys, columns);
    float[] row = n.row.clone();
    float[] values = n.values();
    float[] w = new float[columns];
    DeltaRule.recall(w, 0, n.state, 0, keys, columns, row, 0);
    DeltaRule.step(
        w,
        0,
        n.state.clone(),
        0,
        keys,
        columns,
        n.decay,
        n.beta,
        row,
        0,
        values,
        VALUES,
        n.ldk,
        w,
        0);

    float[] g = n.turned(n.gradient);
    float[] dk = new float[n.ldk];
    float[] dq = new float[n.ldk];
    DeltaGradient gradient = new DeltaGradient();
    gradient.back(
        g,
        0,
        n.turned(n.state),
        0,
        columns,
        n.ldk,
        n.decay,
        n.beta,
        row,
        0,
        n.ldk,
        values,
        VALUES,
        n.dy,
        0,
        dk,
        0,
        dq,
        0);

    double[] state = doubles(n.state);
    double[] numbers = doubles(n.row);
    for (int i = 0; i < keys; i++) {
      assertClose(dk[i], slope(n, state, numbers, numbers, i));
      assertClose(dq[i], slope(n, state, numbers, numbers, n.ldk + i));
      for (int j = 0; j < columns; j += 7) {
        assertClose(g[j * n.ldk + i], slope(n, state, numbers, state, i * STRIP + j));
      }
    }
    for (int j = 0; j < columns; j++) {
      assertClose(values[VALUES + j], slope(n, state, numbers, numbers, n.v() + j));
    }
    double logDecay = Math.log(n.decay);
    assertClose(
        gradient.dLogDecay(),
        (objective(n, state, numbers, logDecay + STEP, n.beta)
                - objective(n, state, numbers, logDecay - STEP, n.beta))
            / (2 * STEP));
    assertClose(
        gradient.dBeta(),
        (objective(n, state, numbers, logDecay, n.beta + STEP)
                - objective(n, state, numbers, logDecay, n.beta - STEP))
            / (2 * STEP));
  }

  /** The central difference of the objective by one element of state or row. */
  private static double slope(Numbers n, double[] state, double[] row, double[] of, int at) {
    double value = of[at];
    of[at] = value + STEP;
    double above = objective(n, state, row, Math.log(n.decay), n.beta);
    of[at] = value - STEP;
    double below = objective(n, state, row, Math.log(n.decay), n.beta);
    of[at] = value;
    return (above - below) / (2 * STEP);
  }

  private static void assertClose(double actual, double expected) {
    assertThat(Math.abs(actual - expected)).isLessThan(2e-4 * (1 + Math.abs(expected)));
  }
}
