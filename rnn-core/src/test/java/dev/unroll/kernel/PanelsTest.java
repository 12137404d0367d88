package dev.unroll.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("widths")
class PanelsTest {
  /** Sizes that are whole squares of a transposition at every width, at some, and at none. */
  @ParameterizedTest
  @CsvSource({"64,16", "64,48", "100,37", "17,5", "16,3", "3,16", "1,1", "132,70"})
  void packsEveryWeightWhereTheProductReadsIt(int n, int k) {
    float[] w = random(5 + n * k);
    Panels panels = new Panels(k, n);
    panels.packTransposed(w, 5, n);
    for (int column = 0; column < n; column++) {
      for (int i = 0; i < k; i++) {
        assertEquals(w[5 + column * k + i], at(panels, i, column), "k " + i + " of " + column);
      }
    }
    for (int column = n; column < panels.groups() * Panels.WIDTH; column++) {
      for (int i = 0; i < k; i++) {
        assertEquals(0f, at(panels, i, column), "k " + i + " of the unused column " + column);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"64,16", "64,48", "100,37", "17,5", "16,3", "3,16", "1,1", "132,70"})
  void addsAGradientWhereItsWeightIs(int n, int k) {
    Panels panels = new Panels(k, n);
    float[] packed = random(n * k);
    panels.packTransposed(packed, 0, n);
    float[] gradient = random(5 + n * k + 3);
    float[] expected = gradient.clone();
    for (int i = 0; i < n * k; i++) {
      expected[5 + i] += packed[i];
    }
    panels.addTransposed(0, panels.groups(), gradient, 5, Columns.natural(n));
    assertArrayEquals(expected, gradient);
  }

  @Test
  void packsAtomsOfAnyRowsAndAddsTheirGradientsBack() {
    // As the gates of an LSTM with 20 units lie: atoms of 16 and of 4 rows, not in their order.
    Columns columns = new Columns(new int[] {20, 36, 0, 16}, new int[] {16, 4, 16, 4});
    float[] w = random(40 * 32);
    Panels panels = new Panels(32, 64);
    panels.packTransposed(w, 0, columns);
    for (int column = 0; column < 64; column++) {
      int lane = column % Columns.ATOM;
      boolean used = lane < columns.count()[column / Columns.ATOM];
      int row = columns.firstRow()[column / Columns.ATOM] + lane;
      for (int i = 0; i < 32; i++) {
        assertEquals(used ? w[row * 32 + i] : 0, at(panels, i, column), "column " + column);
      }
    }
    float[] back = new float[w.length];
    panels.addTransposed(0, 1, back, 0, columns);
    assertArrayEquals(w, back);
  }

  private static float at(Panels panels, int i, int column) {
    return panels
        .data[panels.group(column / Panels.WIDTH) + i * Panels.WIDTH + column % Panels.WIDTH];
  }

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat() + 1;
    }
    return values;
  }
}
