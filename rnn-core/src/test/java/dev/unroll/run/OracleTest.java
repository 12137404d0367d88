package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle's gradients are those of its outputs: central differences in double. */
class OracleTest {
  private static final double STEP = 1e-5;

  static Stream<RecurrentCase> cases() {
    return Cells.all().stream().flatMap(OracleTest::cases);
  }

  private static Stream<RecurrentCase> cases(Cell cell) {
    RecurrentConfig plain = RecurrentConfig.of(cell, 3, 4);
    RecurrentConfig deep = plain.withNumLayers(2).withBidirectional(true);
    Stream<RecurrentCase> all =
        Stream.of(
            new RecurrentCase(plain, 4, 2, false),
            new RecurrentCase(plain.withBias(false), 3, 2, false),
            new RecurrentCase(deep, 4, 3, true));
    if (!cell.hasCellState()) {
      return all;
    }
    return Stream.concat(all, Stream.of(new RecurrentCase(deep.withProjSize(2), 4, 3, true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsMatchCentralDifferences(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Oracle oracle = data.oracle();
    oracle.forward(data.x(), data.h0(), data.c0(), data.lengths());
    Oracle.Gradients gradients =
        oracle.backward(data.gradY(), data.gradHN(), data.gradCN(), data.lengths());

    List<double[]> inputs = List.of(data.parameters(), data.x(), data.h0(), data.c0());
    List<double[]> expected =
        List.of(gradients.parameters(), gradients.x(), gradients.h0(), gradients.c0());
    for (int k = 0; k < inputs.size(); k++) {
      double[] input = inputs.get(k);
      for (int i = 0; i < input.length; i++) {
        double value = input[i];
        input[i] = value + STEP;
        double above = data.objective();
        input[i] = value - STEP;
        double below = data.objective();
        input[i] = value;
        assertThat((above - below) / (2 * STEP))
            .as("input %d, element %d", k, i)
            .isCloseTo(expected.get(k)[i], org.assertj.core.data.Offset.offset(1e-8));
      }
    }
  }
}
