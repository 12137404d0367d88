package dev.unroll.kernel;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("widths")
class OuterProductsTest {
  /** Rows of A that crowd a cache and rows that do not; whole chunks and not; one call and more. */
  @ParameterizedTest
  @CsvSource({
    "70,13,40,13,1",
    "70,13,40,512,1",
    "64,512,130,512,1",
    "200,500,130,1024,2",
    "1,7,300,512,2",
    "0,7,300,512,1"
  })
  void addsTheSumOfEachChunkOfRowsFromTheLastToTheFirst(
      int rows, int k, int n, int lda, int threads) {
    Random random = new Random(1);
    float[] a = RandomFloats.gaussian(random, 3 + rows * lda + k);
    Columns columns = Columns.natural(n);
    int[] offset = new int[columns.groups() * 4];
    for (int i = 0; i < offset.length; i++) {
      offset[i] = i / 4 * rows * Panels.WIDTH + i % 4 * Columns.ATOM;
    }
    float[] b =
        RandomFloats.gaussian(random, Buffers.BASE + columns.groups() * rows * Panels.WIDTH);
    float[] gradient = RandomFloats.gaussian(random, n * k + 2 * n);
    float[] expected = gradient.clone();
    for (int column = 0; column < n; column++) {
      int at = Buffers.BASE + offset[column / Columns.ATOM] + column % Columns.ATOM;
      for (int i = 0; i < k; i++) {
        expected[column * k + i] += sum(rows, a, 3 + i, lda, b, at);
      }
      float ofRows = sum(rows, new float[] {1f}, 0, 0, b, at);
      expected[n * k + column] += ofRows;
      expected[n * k + n + column] += ofRows;
    }
    OuterProducts sums = new OuterProducts(k, columns.groups(), threads);
    float[] inPieces = gradient.clone();
    for (int call = sums.calls() - 1; call >= 0; call--) {
      sums.add(
          gradient, 0, n * k, n * k + n, a, 3, lda, b, Buffers.BASE, offset, columns, rows, call);
    }
    assertArrayEquals(expected, gradient);
    if (sums.calls() > 1) {
      assertThatIllegalStateException().isThrownBy(() -> sums.begin(rows));
      return;
    }
    // The same in pieces that chunks do not end with.
    sums.begin(rows);
    for (int row = rows; row >= 0; row -= 37) {
      sums.takeFrom(row, true, a, 3, lda, b, Buffers.BASE, offset, columns);
    }
    sums.takeFrom(0, true, a, 3, lda, b, Buffers.BASE, offset, columns);
    sums.finish(inPieces, 0, n * k, n * k + n, columns);
    assertArrayEquals(expected, inPieces);
  }

  private static float sum(int rows, float[] a, int a0, int lda, float[] b, int b0) {
    float sum = 0f;
    int last = (rows - 1) / OuterProducts.CHUNK * OuterProducts.CHUNK;
    for (int chunk = last; chunk >= 0; chunk -= OuterProducts.CHUNK) {
      float inner = 0f;
      for (int r = chunk; r < Math.min(rows, chunk + OuterProducts.CHUNK); r++) {
        inner = Math.fma(a[a0 + r * lda], b[b0 + r * Panels.WIDTH], inner);
      }
      sum += inner;
    }
    return sum;
  }
}
