package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.cell.Initializer;
import dev.unroll.kernel.Scan;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scan against the loop in double, and the same bits for any number of threads. */
@Tag("widths")
class LinearScanTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 17", "63, 64", "64, 5", "65, 65", "200, 1", "300, 130", "129, 256"})
  void bothFormsSolveTheRecurrence(int steps, int width) {
    RandomGenerator random = Initializer.random(steps * 1000L + width);
    float[] a = new float[steps * width];
    float[] b = new float[steps * width];
    float[] initial = new float[width];
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextFloat(-1.05f, 1.05f);
      b[i] = random.nextFloat(-1, 1);
    }
    for (int j = 0; j < width; j++) {
      initial[j] = random.nextFloat(-1, 1);
    }
    float[] one = solve(steps, width, 1, ScanForm.BLOCKED, a, b, initial);
    for (int j = 0; j < width; j++) {
      double h = initial[j];
      for (int t = 0; t < steps; t++) {
        int at = t * width + j;
        h = a[at] * h + b[at];
        assertThat(Math.abs(one[at] - h)).as("%d, %d", t, j).isLessThan(1e-5);
      }
    }
    for (int threads = 2; threads <= 4; threads++) {
      assertThat(solve(steps, width, threads, ScanForm.BLOCKED, a, b, initial)).isEqualTo(one);
    }
    float[] serial = solve(steps, width, 1, ScanForm.SERIAL, a, b, initial);
    assertThat(solve(steps, width, 3, ScanForm.SERIAL, a, b, initial)).isEqualTo(serial);
    for (int i = 0; i < one.length; i++) {
      assertThat(Math.abs(serial[i] - one[i])).isLessThan(1e-5f);
    }
    // A second block of one step is no more than that step.
    assertThat(Arrays.equals(serial, one)).as("same bits").isEqualTo(steps <= Scan.BLOCK + 1);
  }

  private static float[] solve(
      int steps, int width, int threads, ScanForm form, float[] a, float[] b, float[] initial) {
    try (Team team = new Team(threads)) {
      // In place, at an offset, by an object that has been used before.
      float[] shifted = new float[7 + a.length];
      float[] h = new float[7 + b.length];
      System.arraycopy(a, 0, shifted, 7, a.length);
      System.arraycopy(b, 0, h, 7, b.length);
      LinearScan scan = new LinearScan(steps, width, team, form);
      scan.forward(a, b, null, new float[b.length], 0);
      scan.forward(shifted, h, initial, h, 7);
      return Arrays.copyOfRange(h, 7, h.length);
    }
  }

  @Test
  void refusesBadSizesAndNamesThem() {
    LinearScan scan = new LinearScan(2, 3, Team.single(), ScanForm.BLOCKED);
    assertThatThrownBy(() -> scan.forward(new float[6], new float[7], null, new float[6], 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a has 6 elements");
    assertThatThrownBy(() -> scan.forward(new float[6], new float[6], null, new float[6], -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset is -1");
    assertThatThrownBy(() -> new LinearScan(0, 3, Team.single(), ScanForm.SERIAL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 steps");
  }
}
