package dev.unroll.experiments.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HandCalculationTest {
  static List<HandCalculation> all() {
    return HandCalculation.all(42, 5);
  }

  @ParameterizedTest
  @MethodSource("all")
  void libraryGivesThePrintedDigits(HandCalculation calculation) {
    assertThat(calculation.computed().get())
        .as(calculation.name())
        .containsExactly(calculation.printed(), within(calculation.tolerance()));
  }
}
