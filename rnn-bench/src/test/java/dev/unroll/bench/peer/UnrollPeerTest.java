package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.run.ForwardPart;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UnrollPeerTest {
  /** Gates that are not kept share a buffer over strips in a wide pass, so that has one strip. */
  @ParameterizedTest
  @CsvSource({
    "FORWARD,rnn_tanh,1,17,65",
    "FORWARD,rnn_relu,5,3,100",
    "FORWARD,lstm,1,128,128",
    "FORWARD,lstm,7,17,13",
    "FORWARD,gru,2,5,17",
    "FORWARD,gru,24,16,50",
    "TRAINING,rnn_relu,50,3,100",
    "TRAINING,lstm,50,64,65",
    "TRAINING,gru,64,16,130"
  })
  void partsOneAfterAnotherGiveTheBitsOfAWholeStep(
      Mode mode, String cell, int batch, int inputs, int units) {
    Workload workload = new Workload(cell, mode, new Shape(batch, 1, inputs, units), 1);
    Operands operands = Operands.of(workload, 1);
    try (UnrollLayer whole = new UnrollPeer().prepare(workload, operands);
        UnrollLayer parts = new UnrollPeer().prepare(workload, operands)) {
      whole.runForward();
      for (ForwardPart part : ForwardPart.values()) {
        assertThat(parts.results().get("y")).as("before " + part).containsOnly(0f);
        parts.restrictTo(part);
        parts.runForward();
      }
      assertThat(parts.results().get("y")).isEqualTo(whole.results().get("y"));
    }
  }

  static List<String> cells() {
    return Cells.all().stream().map(Cell::name).toList();
  }

  /** Its check against double precision comes with it. */
  @ParameterizedTest
  @MethodSource("cells")
  void everyCellCanBeTimed(String cell) {
    Workload workload = new Workload(cell, Mode.TRAINING, new Shape(2, 9, 3, 5), 1);
    try (UnrollLayer layer = UnrollPeer.verified(workload, Operands.of(workload, 1))) {
      layer.run();
      assertThat(layer.results().get("y")).hasSize(9 * 2 * workload.outputs());
    }
  }

  @Test
  void partsOfALinearCellAreRefused() {
    Workload workload = new Workload("min_gru", Mode.FORWARD, new Shape(1, 1, 3, 5), 1);
    try (UnrollLayer layer = new UnrollPeer().prepare(workload, Operands.of(workload, 1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> layer.restrictTo(ForwardPart.POINTWISE))
          .withMessageContaining("min_gru")
          .withMessageContaining("use rnn_tanh");
    }
  }
}
