package dev.unroll.bench.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardPartsTest {
  @ParameterizedTest
  @CsvSource({
    "rnn_tanh,1,30,17,65",
    "rnn_relu,5,30,3,100",
    "lstm,1,30,128,128",
    "lstm,7,5,17,65",
    "lstm,50,2,64,64",
    "gru,2,30,5,17",
    "gru,64,3,16,130"
  })
  void theyTogetherAreTheLayer(String cell, int batch, int steps, int inputs, int units) {
    Workload workload = new Workload(cell, Mode.FORWARD, new Shape(batch, steps, inputs, units), 1);
    Operands operands = Operands.of(workload, 1);
    try (UnrollLayer layer = new UnrollPeer().prepare(workload, operands)) {
      layer.run();
      float[] y = Objects.requireNonNull(layer.results().get("y"));
      float[] last = Arrays.copyOfRange(y, y.length - batch * units, y.length);
      ForwardParts parts = new ForwardParts(workload, operands);
      assertThat(parts.all()).isEqualTo(last);
      parts.inputProduct();
      parts.recurrentProduct();
      parts.pointwise();
      assertThat(parts.all()).as("again, after each part alone").isEqualTo(last);
    }
  }
}
