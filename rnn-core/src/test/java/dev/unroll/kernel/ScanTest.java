package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernels of one block against loops in double, at columns that fill tiles and do not. */
@Tag("widths")
class ScanTest {
  private static final int FROM = 3;

  @ParameterizedTest
  @CsvSource({"1,1", "3,17", "64,64", "63,65", "64,130"})
  void forwardMatchesTheLoopInDouble(int rows, int columns) {
    Inputs in = new Inputs(rows, columns);
    float[] h = new float[rows * columns];
    float[] after = in.state.clone();
    Scan.forward(h, 0, columns, after, 0, in.a, in.b, FROM, columns, rows, columns);
    float[] serial = new float[rows * columns];
    float[] serialAfter = in.state.clone();
    Scan.forwardSerial(
        serial, 0, columns, serialAfter, 0, in.a, in.b, FROM, columns, rows, columns);
    for (int j = 0; j < columns; j++) {
      double state = in.state[j];
      for (int at = j; at < rows * columns; at += columns) {
        state = in.a[FROM + at] * state + in.b[FROM + at];
        assertClose(h[at], state);
        assertClose(serial[at], state);
      }
      assertClose(after[j], state);
      assertClose(serialAfter[j], state);
    }
    float[] product = new float[columns];
    float[] solution = new float[columns];
    Scan.forwardLocal(product, solution, 0, in.a, in.b, FROM, columns, rows, columns);
    assertConnects(in.state, product, solution, after);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,17", "64,64", "63,65", "64,130"})
  void backwardMatchesTheLoopInDouble(int rows, int columns) {
    Inputs in = new Inputs(rows, columns);
    // From the last row to the first.
    int from = FROM + (rows - 1) * columns;
    float[] dh = in.b.clone();
    float[] before = in.state.clone();
    Scan.backward(dh, before, 0, in.a, from, -columns, rows, columns);
    float[] serial = in.b.clone();
    float[] serialBefore = in.state.clone();
    Scan.backwardSerial(serial, serialBefore, 0, in.a, from, -columns, rows, columns);
    for (int j = 0; j < columns; j++) {
      double state = in.state[j];
      for (int at = from + j; at >= FROM; at -= columns) {
        double gradient = in.b[at] + state;
        assertClose(dh[at], gradient);
        assertClose(serial[at], gradient);
        state = in.a[at] * gradient;
      }
      assertClose(before[j], state);
      assertClose(serialBefore[j], state);
    }
    float[] product = new float[columns];
    float[] solution = new float[columns];
    Scan.backwardLocal(product, solution, 0, in.a, in.b, from, -columns, rows, columns);
    assertConnects(in.state, product, solution, before);
  }

  /** To the bit: blocks that are visited twice give what one block after another gives. */
  private static void assertConnects(
      float[] before, float[] product, float[] solution, float[] after) {
    float[] state = before.clone();
    Scan.connect(state, 0, product, solution, 0, state.length);
    assertThat(state).isEqualTo(after);
    assertThat(product).isEqualTo(before);
  }

  private static void assertClose(float actual, double expected) {
    assertThat(Math.abs(actual - expected)).isLessThan(1e-5);
  }

  private static final class Inputs {
    final float[] a;
    final float[] b;
    final float[] state;

    Inputs(int rows, int columns) {
      Random random = new Random(rows * 1000L + columns);
      a = RandomFloats.uniform(random, FROM + rows * columns);
      b = RandomFloats.uniform(random, FROM + rows * columns);
      state = RandomFloats.uniform(random, columns);
    }
  }
}
