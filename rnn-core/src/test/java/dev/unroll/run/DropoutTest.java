package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.verify.Oracle;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutTest {
  private static final double P = .3;

  /** One number of the JDK's own SplitMix64 that begins at a key. */
  private static long number(long key, long index) {
    return new SplittableRandom(key + index * 0x9e3779b97f4a7c15L).nextLong();
  }

  /** The mask as the class's javadoc has it, {@code [T, B, width]}. */
  private static double[] mask(long seed, long pass, int layer, int steps, int batch, int width) {
    double[] mask = new double[steps * batch * width];
    for (int i = 0; i < mask.length; i++) {
      long t = i / width / batch;
      long row = number(number(number(seed, pass), layer), (t << 32) + i / width % batch);
      mask[i] = (number(row, i % width) >>> 11) * 0x1p-53 < P ? 0 : (float) (1 / (1 - P));
    }
    return mask;
  }

  private static double[] times(double[] values, double[] mask) {
    double[] product = new double[values.length];
    Arrays.setAll(product, i -> values[i] * mask[i]);
    return product;
  }

  @Test
  void dropsAtTheRateAndKeepsTheExpectation() {
    for (double p : new double[] {.1, .5, .9}) {
      Dropout dropout = new Dropout(p, 20, 50, 100);
      float[] values = new float[100_000];
      dropout.setSeed(5);
      for (int pass = 0; pass < 3; pass++) {
        Arrays.fill(values, 1);
        dropout.begin();
        dropout.apply(values, 0, 0, Team.single());
        double mean = 0;
        int dropped = 0;
        for (float value : values) {
          mean += value / values.length;
          dropped += value == 0 ? 1 : 0;
          assertThat(value).isIn(0f, (float) (1 / (1 - p)));
        }
        // Four standard deviations.
        double off = 4 * Math.sqrt(p * (1 - p) / values.length);
        assertThat((double) dropped / values.length).isCloseTo(p, within(off));
        assertThat(mean).isCloseTo(1, within(off / (1 - p)));
      }
      assertThat(dropout.pass()).isEqualTo(3);
    }
  }

  /** Seed, pass, layer, step, sequence and unit each tell masks apart. */
  @Test
  void everyNumberTellsMasksApart() {
    float[] first = masked(0, 0, 0, 0);
    assertThat(masked(0, 0, 0, 0)).isEqualTo(first);
    assertThat(agreement(first, masked(1, 0, 0, 0))).isCloseTo(.5, within(.05));
    assertThat(agreement(first, masked(0, 1, 0, 0))).isCloseTo(.5, within(.05));
    assertThat(agreement(first, masked(0, 0, 1, 0))).isCloseTo(.5, within(.05));
    assertThat(agreement(first, masked(0, 0, 0, 50))).isCloseTo(.5, within(.05));
    // Units, sequences and steps of one mask.
    for (int distance : new int[] {1, 10, 500}) {
      float[] later = Arrays.copyOfRange(first, distance, first.length);
      assertThat(agreement(later, first)).isCloseTo(.5, within(.05));
    }
  }

  private static double agreement(float[] a, float[] b) {
    int equal = 0;
    for (int i = 0; i < a.length; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return (double) equal / a.length;
  }

  private static float[] masked(long seed, long pass, int layer, int firstSequence) {
    Dropout dropout = new Dropout(.5, 10, 50, 10);
    dropout.setSeed(seed);
    dropout.setPass(pass);
    dropout.setFirstSequence(firstSequence);
    dropout.begin();
    float[] values = new float[5000];
    Arrays.fill(values, 1);
    dropout.apply(values, layer, 0, Team.single());
    return values;
  }

  static Stream<RecurrentCase> stacks() {
    return Cells.all().stream()
        .flatMap(
            cell -> {
              RecurrentConfig two = RecurrentConfig.of(cell, 5, 19).withNumLayers(2).withDropout(P);
              return Stream.of(
                  new RecurrentCase(two, 6, 7, true),
                  new RecurrentCase(two.withBidirectional(true), 70, 2, true));
            });
  }

  /** Two networks of one layer in double precision with the mask between them, there and back. */
  @ParameterizedTest
  @MethodSource("stacks")
  void matchesTheOracleWithTheMaskHeld(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    RecurrentConfig config = c.config();
    int hidden = config.hiddenSize();
    RecurrentConfig one = config.withNumLayers(1).withDropout(0);
    RecurrentConfig upper =
        RecurrentConfig.of(config.cell(), config.outputSize(), hidden)
            .withBidirectional(config.bidirectional());
    double[] mask = mask(9, 4, 0, c.steps(), c.batch(), config.outputSize());
    Oracle first = new Oracle(one, layer(data, 0));
    Oracle second = new Oracle(upper, layer(data, 1));
    double[][] zeros = first.zeros(c.batch());
    double[] between = times(first.forward(data.x(), zeros, data.lengths()).y(), mask);
    double[] y = second.forward(between, zeros, data.lengths()).y();
    Oracle.Gradients above = second.backward(data.gradY(), zeros, data.lengths());
    Oracle.Gradients below = first.backward(times(above.x(), mask), zeros, data.lengths());

    Workspace workspace = data.recurrent().workspace(c.steps(), c.batch(), true);
    workspace.dropout().setSeed(9);
    workspace.dropout().setPass(4);
    float[] x = RecurrentCase.floats(data.x());
    float[] actual = new float[y.length];
    data.recurrent().forward(workspace, x, null, data.lengths(), actual, null);
    assertClose(actual, y);
    float[] gradX = new float[x.length];
    // What is set for the next forward pass leaves this one's mask as it is.
    workspace.dropout().setSeed(1);
    workspace.dropout().setEnabled(false);
    data.recurrent().backward(workspace, x, RecurrentCase.floats(data.gradY()), null, gradX, null);
    assertClose(gradX, below.x());
    Map<String, double[]> expected = new LinkedHashMap<>(below.parameters());
    above.parameters().forEach((name, values) -> expected.put(name.replace("l0", "l1"), values));
    expected.forEach(
        (name, values) -> {
          int from = data.layout().slice(name).offset();
          assertClose(
              Arrays.copyOfRange(data.layout().gradients(), from, from + values.length), values);
        });
  }

  private static Map<String, double[]> layer(RecurrentCase.Data data, int layer) {
    Map<String, double[]> parameters = new LinkedHashMap<>();
    data.parameters()
        .forEach(
            (name, values) -> {
              if (name.contains("l" + layer)) {
                parameters.put(name.replace("l" + layer, "l0"), values);
              }
            });
    return parameters;
  }

  private static void assertClose(float[] actual, double[] expected) {
    double magnitude = Math.max(.01, Arrays.stream(expected).map(Math::abs).max().orElse(0));
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5 * magnitude));
    }
  }

  /** Without the rectified cells, whose kinks finite differences cannot tell. */
  static Stream<RecurrentCase> smoothStacks() {
    return stacks().filter(c -> !List.of("rnn_relu", "indrnn").contains(c.config().cell().name()));
  }

  /**
   * The gradient to the first layer's parameters, along a direction, against the change of the
   * objective under the same mask.
   */
  @ParameterizedTest
  @MethodSource("smoothStacks")
  void gradientIsThatOfFiniteDifferences(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Workspace workspace = data.recurrent().workspace(c.steps(), c.batch(), true);
    objective(data, workspace);
    data.recurrent()
        .backward(
            workspace,
            RecurrentCase.floats(data.x()),
            RecurrentCase.floats(data.gradY()),
            null,
            null,
            null);
    float[] values = data.layout().values();
    float[] gradient = data.layout().gradients();
    SplittableRandom random = new SplittableRandom(3);
    double[] direction = new double[firstOfLayer1(data)];
    Arrays.setAll(direction, i -> random.nextGaussian());
    double step = 1e-2 / Math.sqrt(RecurrentCase.dot(direction, direction));
    double[] objectives = new double[2];
    for (int side = 0; side < 2; side++) {
      for (int i = 0; i < direction.length; i++) {
        values[i] += (float) ((side == 0 ? step : -2 * step) * direction[i]);
      }
      data.layout().changed();
      objectives[side] = objective(data, workspace);
    }
    double slope = 0;
    double square = 0;
    for (int i = 0; i < direction.length; i++) {
      slope += gradient[i] * direction[i];
      square += (double) gradient[i] * gradient[i];
    }
    assertThat((objectives[0] - objectives[1]) / (2 * step))
        .isCloseTo(slope, within(.01 * Math.sqrt(square)));
  }

  private static int firstOfLayer1(RecurrentCase.Data data) {
    return data.layout().slices().stream()
        .filter(slice -> slice.name().contains("_l1"))
        .findFirst()
        .orElseThrow()
        .offset();
  }

  private static double objective(RecurrentCase.Data data, Workspace workspace) {
    workspace.dropout().setPass(2);
    float[] y = new float[data.gradY().length];
    data.recurrent()
        .forward(workspace, RecurrentCase.floats(data.x()), null, data.lengths(), y, null);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * data.gradY()[i];
    }
    return sum;
  }

  @Test
  void evaluationDropsNothing() {
    RecurrentConfig plain = RecurrentConfig.of(Cells.named("gru"), 5, 19).withNumLayers(2);
    RecurrentCase c = new RecurrentCase(plain.withDropout(P), 6, 7, false);
    RecurrentCase.Data data = c.data();
    Recurrent without = new Recurrent(plain);
    System.arraycopy(
        data.layout().values(), 0, without.parameters().values(), 0, data.layout().size());
    float[] x = RecurrentCase.floats(data.x());
    float[] expected = without.forward(x, 6, 7);
    assertThat(data.recurrent().forward(x, 6, 7)).isEqualTo(expected);
    Workspace training = data.recurrent().workspace(6, 7, true);
    float[] y = new float[expected.length];
    data.recurrent().forward(training, x, y);
    assertThat(y).isNotEqualTo(expected);
    training.dropout().setEnabled(false);
    data.recurrent().forward(training, x, y);
    assertThat(y).isEqualTo(expected);
    assertThat(training.dropout().pass()).isEqualTo(1);
  }

  @Test
  void allocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Dropout dropout = new Dropout(P, 3, 4, 5);
    float[] values = new float[60];
    long before = 0;
    for (int pass = 0; pass < 3; pass++) {
      before = threads.getCurrentThreadAllocatedBytes(); // the last time, all classes are loaded
      dropout.begin();
      dropout.apply(values, 0, 0, Team.single());
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
  }

  @Test
  void refusesProbabilitiesOutOfRangeAndASingleLayer() {
    RecurrentConfig one = RecurrentConfig.of(Cells.named("gru"), 5, 19);
    for (double p : new double[] {-.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> one.withDropout(p))
          .withMessage("dropout is " + p + ", but must be at least 0 and less than 1.");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Recurrent(new Parameters(), "", one.withDropout(P)))
        .withMessageContaining("num_layers is 1");
  }
}
