package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.result.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PeerProcessesTest {
  private static final double SECONDS = .01;

  private final Set<String> notes = new TreeSet<>();
  private final List<String> failures = new ArrayList<>();

  /** oneDNN is where the system has it, the fetched libraries are not in a test. */
  @Test
  void everyLibraryTakesItsTurns() throws Exception {
    List<Comparison> forward;
    List<Comparison> training;
    List<Comparison> none;
    try (PeerProcesses processes =
        new PeerProcesses(
            System.getProperty("java.class.path"), List.of("-Xms64m"), 1, notes, failures)) {
      forward = processes.compare(planned(Mode.FORWARD, "2,5,16,16"), SECONDS);
      training = processes.compare(planned(Mode.TRAINING, "1,3,5,7"), SECONDS);
      none = processes.compare(planned(Mode.FORWARD, "1,1,100000,100000"), SECONDS);
    }
    assertThat(failures).isEmpty();
    assertThat(forward)
        .extracting(Comparison::peer)
        .contains("Unroll bf16", "Unroll int8")
        .doesNotContain("Unroll");
    assertThat(forward)
        .allSatisfy(
            c -> {
              assertThat(c.ratioLow()).isPositive().isLessThanOrEqualTo(c.ratio());
              assertThat(c.ratioHigh()).isGreaterThanOrEqualTo(c.ratio());
              assertThat(c.ratio()).isEqualTo(c.peerMicros() / c.oursMicros());
              assertThat(c.ceilingFraction()).isBetween(0., 1.);
              assertThat(c.chainFraction()).isBetween(1e-6, 1.);
            });
    assertThat(training).allMatch(c -> !c.peer().startsWith("Unroll"));
    assertThat(none).isEmpty();
    assertThat(notes)
        .contains("PYTORCH is not on the class path")
        .anyMatch(note -> note.startsWith("not measured: lstm forward B=1 T=1 I=100000"));
  }

  private static Planned planned(Mode mode, String shape) {
    return new Planned("lstm", mode, Shape.parse(shape), "");
  }
}
