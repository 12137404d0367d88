package dev.unroll.bench.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final long GIB = 1L << 30;

  @Test
  void countsTheBytesThatATrainingPassKeeps() {
    Workload workload = new Workload("lstm", Mode.TRAINING, new Shape(16, 4096, 256, 256), 1);
    // Of each of the 65536 rows: x, gradY, y, gates, h, c, gradX.
    long rows = 4L * 65536 * 256 * (1 + 1 + 1 + 4 + 1 + 1 + 1);
    assertThat(Memory.bytes(workload)).isBetween(rows, rows + rows / 10);
    assertThatCode(() -> Memory.require(workload, GIB)).doesNotThrowAnyException();
  }

  @Test
  void refusesAWorkloadLargerThanMemory() {
    Workload workload = new Workload("lstm", Mode.TRAINING, new Shape(4096, 4096, 128, 128), 1);
    assertThatThrownBy(() -> Memory.require(workload, 4 * GIB))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("B=4096 T=4096 I=128 H=128")
        .hasMessageContaining("GiB of memory, but there are 4.0 GiB: choose fewer steps");
    assertThatThrownBy(() -> Operands.of(workload, 1)).hasMessageContaining("of memory");
  }

  @Test
  void refusesAnArrayLongerThanJavaHas() {
    Workload workload = new Workload("lstm", Mode.FORWARD, new Shape(1 << 16, 1 << 16, 1, 1), 1);
    assertThatThrownBy(() -> Memory.require(workload, Long.MAX_VALUE))
        .hasMessageContaining("needs an array of 4294967296 floats");
  }
}
