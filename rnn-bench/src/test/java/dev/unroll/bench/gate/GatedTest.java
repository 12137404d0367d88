package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.bench.layer.Mode;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatedTest {
  static List<Gated> all() {
    return Gated.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyBenchmarkPassesItsCheck(Gated benchmark) {
    benchmark.prepare(true).run();
  }

  @Test
  void coversEveryCellModeAndKernel() {
    List<String> definitions =
        Gated.all().stream().map(b -> String.join(" ", b.definition())).toList();
    for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
      for (Mode mode : Mode.values()) {
        for (String batch : List.of("1,", "64,")) {
          String layer = "layer " + cell + " " + mode + " " + batch;
          assertThat(definitions).anyMatch(d -> d.startsWith(layer) && d.endsWith(" 1"));
        }
      }
      assertThat(definitions).anyMatch(d -> d.startsWith("layer " + cell) && d.endsWith(" 2"));
    }
    for (Cell cell : Cells.all()) {
      // A maximum in place of a tanh: all else of it is watched with the tanh RNN.
      if (!cell.name().equals("rnn_relu")) {
        assertThat(definitions).anyMatch(d -> d.startsWith("layer " + cell.name() + " training "));
      }
    }
    for (String kind : List.of("gemm", "activations", "softmax")) {
      assertThat(definitions).anyMatch(d -> d.startsWith(kind + " "));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alone", "a gemm 1 1 1\na gemm 2 2 2"})
  void refusesALineWithoutAUniqueNameAndADefinition(String text) {
    assertThatThrownBy(() -> Gated.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a name of its own and a definition");
  }

  @Test
  void refusesAnUnknownKindByName() {
    assertThatThrownBy(() -> Gated.parse("x fft 8").getFirst().prepare(true))
        .hasMessageContaining("no kind 'fft'");
  }
}
