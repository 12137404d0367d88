package dev.unroll.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BandTest {
  @Test
  void aBandHasItsEndsInside() {
    assertThat(Band.around(.5, .25).contains(.75)).isTrue();
    assertThat(Band.around(.5, .25).contains(.7501)).isFalse();
    assertThat(Band.atLeast(1).contains(1)).isTrue();
    assertThat(Band.atMost(1).contains(1.1)).isFalse();
    assertThat(Band.around(.5, .25).text()).isEqualTo("0.5 ± 0.25");
  }

  @Test
  void aVerdictNamesWhatMissed() {
    Figure inside = Figure.of("a", Map.of("T", 5), "", 1, 1.1).withBand(Band.around(1, .1));
    Figure outside = Figure.of("b", Map.of("T", 5), "", 2, 2.1).withBand(Band.around(1, .1));
    assertThat(Result.Verdict.of(List.of(inside), List.of(), null).status()).isEqualTo("inside");
    Result.Verdict verdict = Result.Verdict.of(List.of(inside, outside), List.of(), null);
    assertThat(verdict.status()).isEqualTo("outside");
    assertThat(verdict.sentence()).contains("1 of 2").contains("b {T=5}").contains("1 ± 0.1");
  }
}
