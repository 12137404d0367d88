package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.random.Well19937c;
import org.junit.jupiter.api.Test;

class SelfTestTest {
  @Test
  void ratesHaveClopperPearsonIntervals() {
    assertThat(SelfTest.Rate.of(0, 100).low()).isZero();
    assertThat(SelfTest.Rate.of(0, 100).high()).isCloseTo(0.0362, within(1e-4));
    assertThat(SelfTest.Rate.of(100, 100).low()).isCloseTo(0.9638, within(1e-4));
    assertThat(SelfTest.Rate.of(100, 100).high()).isEqualTo(1);
    assertThat(SelfTest.Rate.of(1, 20).low()).isCloseTo(0.0013, within(1e-4));
    assertThat(SelfTest.Rate.of(1, 20).high()).isCloseTo(0.2487, within(1e-4));
  }

  @Test
  void countsDecisionsOfEveryPlant() {
    List<Gated> benchmarks = Gated.parse("a gemm\nb gemm");
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      Well19937c random = new Well19937c(i);
      pairs.add(new Pair(false, turn(random, 0), turn(random, SelfTest.PLANTS)));
    }
    SelfTest.Result result = SelfTest.result(pairs, benchmarks, false);
    SelfTest.Form quick = result.forms().getFirst();
    assertThat(quick.rounds()).isEqualTo(3);
    for (SelfTest.Level level : quick.levels()) {
      assertThat(level.regressed().of()).isEqualTo(6);
      if (level.percent() >= 3) {
        assertThat(level.regressed().count()).isEqualTo(6);
      }
      assertThat(level.regressed().count() + level.passed().count() + level.inconclusive().count())
          .isEqualTo(6);
    }
    assertThat(quick.levels().getFirst().passed().count()).isEqualTo(6);
    assertThat(quick.wholeGates().count()).isZero();
    assertThat(quick.levels().getLast().failsCi().count()).isEqualTo(6);
    assertThat(result.sentence()).contains("false alarm in 0 of 6");
    assertThat(result.benchmarks())
        .extracting(SelfTest.Row::pairNoise)
        .allMatch(n -> n > 0.2 && n < 1);
  }

  @Test
  void tooFewPairsGiveNoRates() {
    List<Gated> benchmarks = Gated.parse("a gemm\nb gemm");
    Well19937c random = new Well19937c(1);
    Pair pair = new Pair(false, turn(random, 0), turn(random, SelfTest.PLANTS));
    SelfTest.Result result = SelfTest.result(List.of(pair), benchmarks, true);
    assertThat(result.forms()).isEmpty();
    assertThat(result.sentence()).contains("Not enough pairs");
  }

  private static Turn turn(Well19937c random, int... plants) {
    Map<String, Turn.Measured> measured = new LinkedHashMap<>();
    for (String name : List.of("a", "b")) {
      Map<Integer, List<long[]>> slices = new LinkedHashMap<>();
      List<long[]> plain = Synthetic.slices(Synthetic.turn(name, 100_000, 0, random), name);
      for (int plant : plants) {
        slices.put(
            plant,
            plain.stream()
                .map(calls -> Arrays.stream(calls).map(c -> c * (100 + plant) / 100).toArray())
                .toList());
      }
      measured.put(name, new Turn.Measured(0, slices));
    }
    return new Turn(measured, Map.of());
  }
}
