package dev.unroll.bench.roofline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloorTest {
  private static final int LINE = 64;
  private static final double GIGAFLOPS = 100;
  private static final Floor.Cache L1 = new Floor.Cache(32 << 10, 150);
  private static final Floor.Cache L2 = new Floor.Cache(1 << 20, 100);

  private static Workload workload(Mode mode, int batch, int steps, int hidden) {
    return new Workload("lstm", mode, Shape.square(batch, steps, hidden), 1);
  }

  /** Whatever the order of reading, and though here all that is behind L1 is as fast as L2. */
  @ParameterizedTest
  @CsvSource({"64, true", "128, true", "256, true", "512, true", "128, false", "512, false"})
  void simulatedCachesAreNotFasterThanTheFloor(int hidden, boolean toAndFro) {
    int steps = 8;
    Workload workload = workload(Mode.FORWARD, 1, steps, hidden);
    int lines = (int) (workload.recurrentWeightBytes() / LINE);
    Lru l1 = new Lru(L1);
    double nanos = 0;
    for (int step = -2; step < steps; step++) {
      for (int i = 0; i < lines; i++) {
        int line = toAndFro && step % 2 != 0 ? lines - 1 - i : i;
        boolean held = l1.read(line);
        nanos += step < 0 ? 0 : LINE / (held ? L1 : L2).gigabytes(); // two steps to warm up
      }
    }
    double inputProduct = workload.flops() / 2 / GIGAFLOPS;
    double simulated = (inputProduct + Math.max(workload.flops() / 2 / GIGAFLOPS, nanos)) / 1e3;
    double floor = Floor.micros(workload, GIGAFLOPS, List.of(L1, L2));
    assertThat(floor).isLessThanOrEqualTo(simulated * (1 + 1e-12)).isGreaterThan(.9 * simulated);
  }

  /** The least recently used line makes room. */
  private static final class Lru {
    private final LinkedHashMap<Integer, Boolean> lines = new LinkedHashMap<>(16, .75f, true);
    private final int capacity;

    Lru(Floor.Cache cache) {
      capacity = (int) (cache.bytes() / LINE);
    }

    boolean read(int line) {
      boolean held = lines.put(line, true) != null;
      if (lines.size() > capacity) {
        lines.remove(lines.keySet().iterator().next());
      }
      return held;
    }
  }

  @Test
  void theLastCachesRateHoldsForAllThatDoesNotFit() {
    Workload workload = workload(Mode.FORWARD, 1, 100, 512);
    double nanos = (32 << 10) / 150.0 + ((4 << 20) - (32 << 10)) / 100.0;
    double arithmetic = workload.flops() / 2 / GIGAFLOPS;
    assertThat(Floor.micros(workload, GIGAFLOPS, List.of(L1, L2)))
        .isCloseTo((100 * nanos + arithmetic) / 1e3, within(1e-6));
  }

  @Test
  void manySequencesAreHeldToArithmetic() {
    for (Mode mode : Mode.values()) {
      Workload workload = workload(mode, 16, 10, 512);
      assertThat(Floor.micros(workload, GIGAFLOPS, List.of(L1, L2)))
          .isCloseTo(workload.flops() / GIGAFLOPS / 1e3, within(1e-6));
    }
  }

  /** One fused multiply-add a term, 2 ns each, and activations of 10 ns. */
  @ParameterizedTest
  @CsvSource({
    "rnn_tanh, FORWARD, 1034",
    "lstm, FORWARD, 1044",
    "gru, FORWARD, 1044",
    "rnn_tanh, TRAINING, 2058",
    "lstm, TRAINING, 5140",
    "gru, TRAINING, 4116"
  })
  void aChainIsAUnitsSumAndItsActivations(String cell, Mode mode, double expected) {
    Workload workload = new Workload(cell, mode, new Shape(3, 1000, 5, 512), 1);
    double nanosAStep = 1e3 * Floor.chainMicros(workload, 2, 10).orElseThrow() / 1000;
    assertThat(nanosAStep).isCloseTo(expected, within(1e-6));
  }

  @Test
  void aCellWithoutThatChainHasNone() {
    Workload workload = new Workload("min_gru", Mode.FORWARD, new Shape(3, 10, 5, 17), 1);
    assertThat(Floor.chainMicros(workload, 2, 10)).isEmpty();
  }

  @Test
  void withoutCachesOnlyArithmeticCounts() {
    Workload workload = workload(Mode.FORWARD, 1, 10, 512);
    assertThat(Floor.micros(workload, GIGAFLOPS, List.of()))
        .isCloseTo(workload.flops() / GIGAFLOPS / 1e3, within(1e-6));
  }
}
