package dev.unroll.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.run.RecurrentConfig;
import dev.unroll.verify.Oracle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One step of each cell by itself, without products, time or threads, against the oracle. A wrong
 * sign in a cell's equations fails here first.
 */
@Tag("widths")
class CellEquationsTest {
  private static final int ROWS = 3;
  private static final float UNTOUCHED = 77;

  /** Strides and offsets that no two ranges share. */
  private static final int G0 = 5;

  private static final int BEFORE = 2;
  private static final int D0 = 3;

  /** Those of one or two states; the others are compared in whole passes. */
  static List<String> stepCells() {
    return Cells.all().stream()
        .filter(StepCell.class::isInstance)
        .filter(cell -> cell.states().size() <= 2)
        .map(Cell::name)
        .toList();
  }

  static List<String> diagonalCells() {
    return Cells.all().stream().filter(DiagonalCell.class::isInstance).map(Cell::name).toList();
  }

  static List<String> linearCells() {
    return Cells.all().stream().filter(LinearCell.class::isInstance).map(Cell::name).toList();
  }

  /** Pre-activations, states and gradients of one row, and what the oracle makes of them. */
  private static final class Row {
    private final double[] gi;
    private final double[] gh;
    private final double[] h;
    private final double[] c;
    private final double[] dh;
    private final double[] dc;
    private final Oracle.Output output;
    private final Oracle.Gradients gradients;

    private final Map<String, double[]> parameters = new HashMap<>();

    /** The weights are zero, so the biases are the pre-activations. */
    Row(Cell cell, int units, RandomGenerator random) {
      int gates = cell.gates() * units;
      int cells = cell.states().size() > 1 ? units : 0;
      gi = draw(random, gates);
      gh = draw(random, cell.hasRecurrentProduct() ? gates : 0);
      parameters.put("weight_ih_l0", new double[gates]);
      parameters.put("bias_ih_l0", gi);
      if (cell.hasRecurrentProduct()) {
        parameters.put("weight_hh_l0", new double[gates * units]);
        parameters.put("bias_hh_l0", gh);
      }
      if (cell instanceof StripCell strip) {
        RandomGenerator same = Initializer.random(5);
        for (StripCell.Vector vector : strip.vectors()) {
          parameters.put(vector.name() + "_l0", draw(same, vector.perUnit() * units));
        }
      }
      h = draw(random, cell.outputSize(new LayerSizes(units, 0, 1, 0)));
      c = draw(random, cells);
      dh = draw(random, h.length);
      dc = draw(random, cells);
      Oracle oracle = new Oracle(RecurrentConfig.of(cell, 1, units), parameters);
      int[] oneStep = {1};
      output = oracle.forward(new double[1], parts(h, c), oneStep);
      gradients = oracle.backward(new double[h.length], parts(dh, dc), oneStep);
    }

    private static double[] draw(RandomGenerator random, int size) {
      double[] values = new double[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (4 * random.nextDouble() - 2);
      }
      return values;
    }

    /** The cell's own parameters of one unit. */
    double[] own(StripCell cell, int unit, Map<String, double[]> from) {
      double[] own = new double[cell.ownPerUnit()];
      int at = 0;
      for (StripCell.Vector vector : cell.vectors()) {
        double[] values = from.getOrDefault(vector.name() + "_l0", new double[0]);
        for (int k = unit; k < values.length; k += StripCell.UNITS) {
          own[at++] = values[k];
        }
      }
      return own;
    }

    /** What the equations read, from an offset on. */
    float[] constants(StripCell cell, int offset) {
      float[] constants = untouched(offset + cell.ownPerUnit() * StripCell.UNITS);
      double[] of = new double[cell.ownPerUnit()];
      for (int unit = 0; unit < StripCell.UNITS; unit++) {
        cell.constants(own(cell, unit, parameters), of);
        for (int k = 0; k < of.length; k++) {
          constants[offset + k * StripCell.UNITS + unit] = (float) of[k];
        }
      }
      return constants;
    }

    private static double[][] parts(double[] h, double[] c) {
      return c.length == 0 ? new double[][] {h} : new double[][] {h, c};
    }

    double gradient(String bias, int i) {
      return gradients.parameters().getOrDefault(bias, new double[0])[i];
    }
  }

  private static List<Row> rows(Cell cell, int units) {
    RandomGenerator random = Initializer.random(3);
    return Stream.generate(() -> new Row(cell, units, random)).limit(ROWS).toList();
  }

  private static float[] untouched(int size) {
    float[] values = new float[size];
    Arrays.fill(values, UNTOUCHED);
    return values;
  }

  private static void put(float[] to, int at, double[] from) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = (float) from[i];
    }
  }

  private static void assertEqual(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).containsExactly(expected, within(2e-6f));
  }

  @ParameterizedTest
  @MethodSource("stepCells")
  void aStepForwardAndBackward(String name) {
    StepCell cell = (StepCell) Cells.named(name);
    int units = cell.unitsPerGroup();
    int after = BEFORE + units + 1;
    int ld = 2 * units + 3;
    List<Row> rows = rows(cell, units);
    int states = BEFORE + ROWS * ld;
    float[] gates = untouched(G0 + ROWS * 64 + 2);
    float[] h = untouched(states);
    float[] c = untouched(cell.states().size() > 1 ? states : 0);
    float[] dh = untouched(states);
    float[] dc = untouched(c.length);
    for (int r = 0; r < ROWS; r++) {
      Row row = rows.get(r);
      put(h, BEFORE + r * ld, row.h);
      put(c, BEFORE + r * ld, row.c);
      put(dh, D0 + r * ld, row.dh);
      put(dc, D0 + r * ld, row.dc);
      for (int slot = 0; slot < cell.slots(); slot++) {
        for (int u = 0; u < units; u++) {
          int i = cell.gate(slot) * units + u;
          gates[G0 + r * 64 + slot * units + u] =
              (float)
                  ((has(cell.inputSlots(), slot) ? row.gi[i] : 0)
                      + (has(cell.hiddenSlots(), slot) ? row.gh[i] : 0));
        }
      }
    }
    float[] expectedH = h.clone();
    float[] expectedC = c.clone();
    float[] expectedGates = gates.clone();
    float[] expectedDh = dh.clone();
    float[] expectedDc = dc.clone();
    for (int r = 0; r < ROWS; r++) {
      Row row = rows.get(r);
      put(expectedH, after + r * ld, row.output.y());
      if (c.length > 0) {
        put(expectedC, after + r * ld, row.output.last()[1]);
        put(expectedDc, D0 + r * ld, row.gradients.initial()[1]);
      }
      put(expectedDh, D0 + r * ld, row.gradients.initial()[0]);
      for (int slot = 0; slot < cell.slots(); slot++) {
        String bias = has(cell.inputSlots(), slot) ? "bias_ih_l0" : "bias_hh_l0";
        for (int u = 0; u < units; u++) {
          expectedGates[G0 + r * 64 + slot * units + u] =
              (float) row.gradient(bias, cell.gate(slot) * units + u);
        }
      }
    }

    float[] apart = rowsApart(gates, 64, 71);
    float[] hOfApart = h.clone();
    float[][] parts = c.length == 0 ? new float[][] {h} : new float[][] {h, c};
    float[][] gradients = c.length == 0 ? new float[][] {dh} : new float[][] {dh, dc};
    float[][] ofApart = parts.clone();
    ofApart[0] = hOfApart;
    ofApart[parts.length - 1] = ofApart[parts.length - 1].clone();
    cell.forward(ROWS, apart, G0, 71, ofApart, BEFORE, after, ld);
    cell.forward(ROWS, gates, G0, 64, parts, BEFORE, after, ld);
    assertEqual("h", h, expectedH);
    assertEqual("c", c, expectedC);
    assertThat(ofApart[0]).isEqualTo(h);
    assertThat(apart).isEqualTo(rowsApart(gates, 64, 71));

    cell.backward(ROWS, gates, G0, parts, BEFORE, after, gradients, D0, ld);
    assertEqual("gradients to the pre-activations", gates, expectedGates);
    assertEqual("gradient to h before", dh, expectedDh);
    assertEqual("gradient to c before", dc, expectedDc);
  }

  private static boolean has(StepCell.Slots slots, int slot) {
    return slot >= slots.from() && slot < slots.to();
  }

  /** The rows of 64 with another stride. */
  private static float[] rowsApart(float[] from, int stride, int newStride) {
    float[] to = untouched(G0 + ROWS * newStride);
    for (int r = 0; r < ROWS; r++) {
      System.arraycopy(from, G0 + r * stride, to, G0 + r * newStride, 64);
    }
    return to;
  }

  @ParameterizedTest
  @MethodSource("linearCells")
  void aStepOfALinearCell(String name) {
    LinearCell cell = (LinearCell) Cells.named(name);
    int units = LinearCell.UNITS;
    int ldg = units + 3;
    int gateStride = ROWS * ldg + 7;
    int ldh = units + 2;
    List<Row> rows = rows(cell, units);
    float[] gates = untouched(G0 + cell.gates() * gateStride);
    float[] h = untouched(BEFORE + ROWS * ldh);
    float[] dh = untouched(D0 + ROWS * units);
    float[] expectedGates = gates.clone();
    for (int r = 0; r < ROWS; r++) {
      Row row = rows.get(r);
      put(h, BEFORE + r * ldh, row.h);
      put(dh, D0 + r * units, row.dh);
      for (int gate = 0; gate < cell.gates(); gate++) {
        for (int u = 0; u < units; u++) {
          int at = G0 + gate * gateStride + r * ldg + u;
          gates[at] = (float) row.gi[gate * units + u];
          expectedGates[at] = (float) row.gradient("bias_ih_l0", gate * units + u);
        }
      }
    }
    float[] a = untouched(7 + ROWS * units + 1);
    float[] b = untouched(4 + ROWS * units + 1);

    float[] constants = rows.getFirst().constants(cell, 2);
    cell.activate(ROWS, gates, G0, gateStride, ldg);
    cell.coefficients(ROWS, gates, G0, gateStride, ldg, constants, 2, a, 7, b, 4);
    for (int r = 0; r < ROWS; r++) {
      Row row = rows.get(r);
      float[] next = new float[units];
      float[] back = new float[units];
      for (int u = 0; u < units; u++) {
        float transition = a[7 + r * units + u];
        next[u] = transition * (float) row.h[u] + b[4 + r * units + u];
        back[u] = transition * (float) row.dh[u];
      }
      assertEqual("h", next, floats(row.output.y()));
      assertEqual("gradient to h before", back, floats(row.gradients.initial()[0]));
    }
    assertThat(a[6]).isEqualTo(a[a.length - 1]).isEqualTo(UNTOUCHED);
    assertThat(b[3]).isEqualTo(b[b.length - 1]).isEqualTo(UNTOUCHED);

    float[] sums = new float[constants.length];
    cell.backward(
        ROWS,
        gates,
        G0,
        gateStride,
        ldg,
        h,
        BEFORE,
        ldh,
        dh,
        D0,
        constants,
        2,
        a,
        7,
        b,
        4,
        sums,
        2);
    assertEqual("gradients to the pre-activations", gates, expectedGates);
  }

  @ParameterizedTest
  @MethodSource("diagonalCells")
  void aStepOfADiagonalCell(String name) {
    DiagonalCell cell = (DiagonalCell) Cells.named(name);
    int units = StripCell.UNITS;
    int gateStride = units + 7;
    int plane = 2 * units + 9;
    int lds = units + 2;
    int gradientStride = units + 1;
    for (Row row : rows(cell, units)) {
      float[] gates = untouched(G0 + cell.gates() * gateStride);
      float[] expectedGates = gates.clone();
      for (int gate = 0; gate < cell.gates(); gate++) {
        for (int u = 0; u < units; u++) {
          gates[G0 + gate * gateStride + u] = (float) row.gi[gate * units + u];
          expectedGates[G0 + gate * gateStride + u] =
              (float) row.gradient("bias_ih_l0", gate * units + u);
        }
      }
      double[] before = joined(row.h, row.c);
      double[] after = joined(row.output.last());
      int planes = before.length / units;
      float[] states = untouched(BEFORE + planes * plane);
      float[] gradients = untouched(D0 + planes * gradientStride);
      float[] expectedStates = states.clone();
      float[] expectedGradients = gradients.clone();
      float[] upstream = untouched(4 + row.dh.length);
      put(upstream, 4, row.dh);
      double[] dc = joined(new double[row.dh.length], row.dc);
      double[] initial = joined(row.gradients.initial());
      for (int p = 0; p < planes; p++) {
        for (int u = 0; u < units; u++) {
          int at = BEFORE + p * plane + u;
          states[at] = expectedStates[at] = (float) before[p * units + u];
          expectedStates[at + lds] = (float) after[p * units + u];
          gradients[D0 + p * gradientStride + u] = (float) dc[p * units + u];
          expectedGradients[D0 + p * gradientStride + u] = (float) initial[p * units + u];
        }
      }
      float[] constants = row.constants(cell, 2);
      cell.forward(1, gates, G0, gateStride, 1, constants, 2, states, BEFORE, plane, lds);
      assertEqual("states", states, expectedStates);

      float[] sums = new float[constants.length];
      cell.backward(
          1,
          gates,
          G0,
          gateStride,
          1,
          constants,
          2,
          states,
          BEFORE,
          plane,
          lds,
          gradients,
          D0,
          gradientStride,
          upstream,
          4,
          units,
          1,
          sums,
          2);
      assertEqual("gradients to the pre-activations", gates, expectedGates);
      assertEqual("gradients to the states before", gradients, expectedGradients);
      for (int u = 0; u < units; u++) {
        double[] ofUnit = new double[cell.ownPerUnit()];
        for (int k = 0; k < ofUnit.length; k++) {
          ofUnit[k] = sums[2 + k * units + u];
        }
        cell.constantsBackward(row.own(cell, u, row.parameters), ofUnit);
        assertThat(ofUnit)
            .containsExactly(row.own(cell, u, row.gradients.parameters()), within(1e-5));
      }
    }
  }

  private static double[] joined(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    put(floats, 0, values);
    return floats;
  }
}
