package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.StatePart;
import dev.unroll.conventions.ByLayer;
import dev.unroll.verify.Oracle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The oracle's gradients are those of its outputs: central differences of fourth order in double,
 * since a normalized vector bends sharply where it is short.
 */
@Order(ByLayer.FIRST)
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
            new RecurrentCase(deep, 4, 3, true),
            new RecurrentCase(RecurrentCase.withHeads(deep, 2), 3, 2, true));
    if (!RecurrentConfig.takesProjection(cell)) {
      return all;
    }
    return Stream.concat(all, Stream.of(new RecurrentCase(deep.withProjSize(2), 4, 3, true)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsMatchCentralDifferences(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Oracle oracle = data.oracle();
    oracle.forward(data.x(), data.first(), data.lengths());
    Oracle.Gradients gradients = oracle.backward(data.gradY(), data.upstream(), data.lengths());

    Map<String, double[]> inputs = new LinkedHashMap<>(data.parameters());
    Map<String, double[]> expected = new LinkedHashMap<>(gradients.parameters());
    inputs.put("x", data.x());
    expected.put("x", gradients.x());
    for (StatePart part : c.config().cell().states()) {
      int i = c.config().cell().states().indexOf(part);
      if (part.differentiable()) {
        inputs.put(part.name() + "0", data.first()[i]);
        expected.put(part.name() + "0", gradients.initial()[i]);
      }
    }
    assertThat(expected).containsOnlyKeys(inputs.keySet());
    inputs.forEach(
        (name, input) -> {
          double[] differences = new double[input.length];
          for (int i = 0; i < input.length; i++) {
            double value = input[i];
            double near = 0;
            double far = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
              input[i] = value + sign * STEP;
              near += sign * data.objective();
              input[i] = value + 2 * sign * STEP;
              far += sign * data.objective();
            }
            input[i] = value;
            differences[i] = (8 * near - far) / (12 * STEP);
          }
          assertThat(differences).as(name).containsExactly(expected.get(name), within(1e-8));
        });
  }
}
