package dev.unroll.bench.layer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.bench.peer.UnrollPeer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksTest {
  @ParameterizedTest
  @CsvSource({
    "rnn_tanh,FORWARD,1",
    "rnn_tanh,TRAINING,1",
    "rnn_relu,TRAINING,1",
    "lstm,FORWARD,2",
    "lstm,TRAINING,2",
    "gru,FORWARD,1",
    "gru,TRAINING,1",
    "min_gru,TRAINING,1",
    "min_gru_signed,TRAINING,2",
    "min_lstm,TRAINING,1"
  })
  void everyCellPassesBothChecks(String cell, Mode mode, int threads) {
    Workload workload = new Workload(cell, mode, new Shape(3, 9, 5, 17), threads);
    assertThatCode(() -> UnrollPeer.verified(workload, Operands.of(workload, 1)).close())
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"rnn_tanh", "lstm", "gru"})
  void oneStepFromZeroGivesWeightHhNoGradient(String cell) {
    Workload workload = new Workload(cell, Mode.TRAINING, new Shape(3, 1, 5, 17), 1);
    assertThatCode(() -> UnrollPeer.verified(workload, Operands.of(workload, 1)).close())
        .doesNotThrowAnyException();
  }

  @Test
  void refusesAWrongOutput() {
    Workload workload = new Workload("lstm", Mode.FORWARD, new Shape(3, 9, 5, 17), 1);
    Operands operands = Operands.of(workload, 1);
    float[] y = requireNonNull(results(workload, operands).get("y"));
    y[2 * 17 + 3] += 1e-3f; // t=0, the last sequence
    assertThatThrownBy(() -> Checks.outputs(workload, operands, y))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("y[0,2,3]");
  }

  @Test
  void refusesAWrongGradient() {
    Workload workload = new Workload("gru", Mode.TRAINING, new Shape(2, 5, 4, 6), 1);
    Operands operands = Operands.of(workload, 1);
    for (String name : new String[] {"x", "weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
      Map<String, float[]> results = results(workload, operands);
      requireNonNull(results.get(name))[3] *= 1.5f;
      assertThatThrownBy(() -> Checks.gradients(workload, operands, results))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(name + " of this library differs from double precision");
    }
  }

  @Test
  void refusesAPeerThatDiffers() {
    Workload workload = new Workload("lstm", Mode.TRAINING, new Shape(2, 5, 4, 6), 1);
    Map<String, float[]> ours = results(workload, Operands.of(workload, 1));
    Map<String, float[]> theirs = new LinkedHashMap<>(ours);
    assertThatCode(() -> Checks.agree(workload, ours, "a peer", theirs, Checks.TOLERANCE))
        .doesNotThrowAnyException();
    float[] bent = requireNonNull(ours.get("bias_hh")).clone();
    bent[0] = Float.NaN;
    theirs.put("bias_hh", bent);
    assertThatThrownBy(() -> Checks.agree(workload, ours, "a peer", theirs, Checks.TOLERANCE))
        .hasMessageContaining("bias_hh of a peer");
    theirs.remove("bias_hh");
    assertThatThrownBy(() -> Checks.agree(workload, ours, "a peer", theirs, Checks.TOLERANCE))
        .hasMessageContaining("gives no bias_hh");
  }

  @Test
  void shapeParseRefusesWhatIsNotFourPositiveSizes() {
    assertThatThrownBy(() -> Shape.parse("64,100,128"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("B,T,I,H")
        .hasMessageContaining("'64,100,128'");
    assertThatThrownBy(() -> Shape.parse("0,1,1,1")).hasMessageContaining("at least 1");
  }

  private static Map<String, float[]> results(Workload workload, Operands operands) {
    try (UnrollPeer.UnrollLayer layer = new UnrollPeer().prepare(workload, operands)) {
      layer.run();
      return layer.results();
    }
  }
}
