package dev.unroll.report.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
  record Run(String kind, @JsonUnwrapped Provenance provenance, List<String> notes) {}

  private static Provenance of(String commit, boolean dirty, int vectorBits) {
    return new Provenance(
        "2026-01-31T12:00:00Z",
        commit,
        "2026-01-30T10:00:00Z",
        dirty,
        "25",
        List.of(),
        Map.of("cores", "2"),
        vectorBits);
  }

  @Test
  void whatAProgramAddsStandsBesideIt() {
    Run run = new Run("quick", Provenance.now(List.of("-Xbatch"), 256), List.of("busy"));
    String json = Json.PRETTY.writeValueAsString(run);
    assertThat(json).contains("\"kind\" : \"quick\"", "\"vector_bits\" : 256", "\"processor\" : ");
    assertThat(Json.PRETTY.readValue(json, Run.class)).isEqualTo(run);
  }

  @Test
  void theCommitIsShortAndTellsOfLocalChanges() {
    assertThat(of("0123456789abcdef", false, 0).version()).isEqualTo("0123456789");
    assertThat(of("01234", true, 0).version()).isEqualTo("01234 with local changes");
  }

  @Test
  void aRunToCommitNeedsACommit() {
    Provenance.requireCommit("0123456789abcdef");
    assertThatThrownBy(() -> Provenance.requireCommit("unknown"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("set UNROLL_COMMIT to its hash, or leave --reference out");
  }

  @Test
  void theCommitsDateIsNotedAndReadInWords() {
    assertThat(of("a", false, 0).committed()).isEqualTo("2026-01-30 10:00 UTC");
    assertThat(Provenance.utc("2026-01-30T12:00:00+02:00")).isEqualTo("2026-01-30T10:00:00Z");
  }

  @Test
  void figuresOfAnotherWidthOrMachineCannotStandBesideEachOther() {
    Provenance one = of("a", false, 256);
    assertThat(one.differences(of("b", true, 256))).isEmpty();
    assertThat(one.differences(of("a", false, 512)))
        .containsExactly("another width: 256 and 512 bits");
    assertThat(one.differences(one.with("caches", "L1"))).singleElement().asString().contains("L1");
    assertThat(one.machine("processor")).isEqualTo("unknown");
  }
}
