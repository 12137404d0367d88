package dev.unroll.experiments.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class SerialTimeTest {
  private static double lateOverEarly(DoubleUnaryOperator time) {
    List<Integer> lengths = List.of(20, 50, 100, 150, 200);
    return SerialTime.lateOverEarly(
        lengths, lengths.stream().mapToDouble(length -> time.applyAsDouble(length)).toArray());
  }

  @Test
  void theCostOfALateCharacterTellsStepsInTurnFromAllPairsAndFromAllAtOnce() {
    assertThat(lateOverEarly(t -> 68 + 3.4 * t)).isCloseTo(1, within(1e-9));
    assertThat(lateOverEarly(t -> 68 + .1 * t * t)).isCloseTo(2.5, within(1e-9));
    assertThat(lateOverEarly(t -> 68 + 20 * StrictMath.log(t))).isLessThan(.5);
  }
}
