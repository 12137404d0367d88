package dev.unroll.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.88 ± 0.2 | .68 | 1.08",
        "-10.3 ± 0.1 | -10.4 | -10.2",
        "-3.8 ± 0.2 of one seed | -4 | -3.6",
        "near 1 (± 0.03 ours) | .97 | 1.03",
        "near 7.9 (5 to 10.5 ours) | 5 | 10.5",
        "0.1 to 0.3 | .1 | .3",
      })
  void aBandIsReadFromItsTextAndWritesItselfSo(String text, double low, double high) {
    Band band = Band.parse(text);
    assertThat(band.text()).isEqualTo(text);
    assertThat(band.low()).isCloseTo(low, org.assertj.core.api.Assertions.within(1e-12));
    assertThat(band.high()).isCloseTo(high, org.assertj.core.api.Assertions.within(1e-12));
    assertThat(band.contains((low + high) / 2)).isTrue();
    assertThat(band.contains(high + 1)).isFalse();
  }

  @Test
  void aBandMayBeOpenOnOneSide() {
    assertThat(Band.parse("at least 2").contains(1e9)).isTrue();
    assertThat(Band.parse("at least 2").contains(1.9)).isFalse();
    assertThat(Band.parse("at most 1e-7").contains(2e-7)).isFalse();
  }

  @Test
  void aTextThatIsNoBandIsRefused() {
    assertThatThrownBy(() -> Band.parse("around 3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'around 3'");
  }

  @Test
  void aFigureThatIsUndecidedIsToldAndNotCounted() {
    Band above = new Band(1., null, "why");
    Figure two = Figure.of("margin", Map.of("better", "gru"), "", 2, 3).withBand(above);
    Figure open = Figure.of("margin", Map.of("better", "lstm"), "", -1, 2).undecided(above);
    Result.Verdict verdict = Result.Verdict.of(List.of(two, open), List.of(), null);
    assertThat(verdict.status()).isEqualTo("inside");
    assertThat(verdict.sentence())
        .startsWith("The one figure or check is as it should be. Undecided, since the interval")
        .contains("margin {better=lstm} is 0.5 [");
    assertThat(Result.Verdict.of(List.of(open), List.of(), null).status()).isEqualTo("not judged");
  }
}
