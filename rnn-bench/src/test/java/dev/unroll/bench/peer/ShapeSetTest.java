package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeSetTest {
  /** 53 and 69 of DeepBench; of benchdnn three lists of 2 + 8 LSTMs, 3 tanh RNNs and 3 GRUs. */
  @Test
  void deepbenchIsWhole() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(ShapeSet.class.getResourceAsStream("deepbench.txt"))) {
      List<Planned> all = ShapeSet.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      assertThat(all).hasSize(53 + 69 + 3 * 16);
      assertThat(all).filteredOn(w -> w.mode() == Mode.TRAINING).hasSize(53 + 16);
      assertThat(all.getFirst())
          .isEqualTo(planned("rnn_tanh", Mode.TRAINING, "16,50,1760,1760", ""));
    }
  }

  @Test
  void cutsWhatTakesLongAndJoinsWhatIsThenAlike() {
    Planned little = planned("lstm", Mode.FORWARD, "1,25,512,512", "");
    assertThat(
            ShapeSet.cut(
                List.of(
                    planned("gru", Mode.TRAINING, "32,1500,2816,2816", ""),
                    planned("gru", Mode.TRAINING, "32,187,2816,2816", ""),
                    little,
                    little)))
        // 9.1 GFLOP a step: ten steps are the last within a second
        .containsExactly(planned("gru", Mode.TRAINING, "32,10,2816,2816", "187, 1500"), little);
  }

  /** One sequence waits for 95 MB of weights a step, not for arithmetic. */
  @Test
  void countsTheBytesOfOneSequence() {
    assertThat(ShapeSet.cut(List.of(planned("gru", Mode.FORWARD, "1,1500,2816,2816", ""))))
        .extracting(w -> w.shape().steps())
        .containsExactly(210);
  }

  @Test
  void whatIsPlannedIsReadBack() {
    Planned cut = planned("gru", Mode.TRAINING, "32,10,2816,2816", "187, 1500");
    Planned whole = planned("lstm", Mode.FORWARD, "1,25,512,512", "");
    assertThat(Planned.parse(cut.toString())).isEqualTo(cut);
    assertThat(Planned.parse(whole.toString())).isEqualTo(whole);
    assertThat(whole).hasToString("lstm/forward/1,25,512,512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "training lstm",
        "training lstmm 1,2,3,4",
        "backward lstm 1,2,3,4",
        "forward gru 1,2,0,4"
      })
  void refusesALineThatIsNoWorkload(String line) {
    assertThatThrownBy(() -> ShapeSet.parse("# note\n\n" + line))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("such as 'training lstm 64,25,512,512', but it is '" + line + "'");
  }

  private static Planned planned(String cell, Mode mode, String shape, String cutFrom) {
    return new Planned(cell, mode, Shape.parse(shape), cutFrom);
  }
}
