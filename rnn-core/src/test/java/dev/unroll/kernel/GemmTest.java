package dev.unroll.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("widths")
class GemmTest {
  /** Columns that fill whole tiles, that leave one to four atoms over, and a part of one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 33, 49, 64, 65, 100, 128})
  void multiplyRowsAddsTermsInIndexOrder(int n) {
    int k = 37;
    Random random = new Random(n);
    float[] w = RandomFloats.gaussian(random, n * k);
    Panels b = new Panels(k, n);
    b.packTransposed(w, 0, n);
    for (int rows = 0; rows <= 14; rows++) {
      float[] a = RandomFloats.gaussian(random, rows * k);
      float[] c = RandomFloats.gaussian(random, rows * n + 1);
      float[] expected = c.clone();
      for (int r = 0; r < rows; r++) {
        for (int column = 0; column < n; column++) {
          float sum = c[r * n + column];
          for (int i = 0; i < k; i++) {
            sum = Math.fma(a[r * k + i], w[column * k + i], sum);
          }
          expected[r * n + column] = sum;
        }
      }
      Gemm.multiplyRows(c, 0, a, 0, k, b, rows, n, Gemm.scratch());
      assertArrayEquals(expected, c, rows + " rows");
    }
  }

  /** More terms than go through the cache at once, and blocks of rows with others between them. */
  @ParameterizedTest
  @ValueSource(ints = {100, 128})
  void longSumsOfBlocksAreThoseOfEachRow(int n) {
    int k = 1100;
    int rows = 7;
    int apart = 9;
    int blocks = 3;
    Random random = new Random(n);
    float[] w = RandomFloats.gaussian(random, n * k);
    Panels b = new Panels(k, n);
    b.packTransposed(w, 0, n);
    float[] a = RandomFloats.gaussian(random, blocks * apart * k);
    float[] c = RandomFloats.gaussian(random, blocks * apart * n);
    float[] expected = c.clone();
    for (int block = 0; block < blocks; block++) {
      for (int r = block * apart; r < block * apart + rows; r++) {
        Gemm.multiplyRows(expected, r * n, a, r * k, k, b, 1, n, Gemm.scratch());
      }
    }
    Gemm.multiplyRows(c, 0, apart * n, a, 0, k, apart * k, b, rows, blocks, n, Gemm.scratch());
    assertArrayEquals(expected, c);
  }
}
