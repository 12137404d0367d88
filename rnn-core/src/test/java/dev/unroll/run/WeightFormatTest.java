package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.kernel.Lanes;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks with weights of 16 and 8 bits, held against floats that were rounded the same way. */
@Tag("widths")
class WeightFormatTest {
  /** What a pass gives. */
  private record Output(float[] y, State last) {
    float[][] all() {
      return RecurrentTest.withStates(List.of(y), last);
    }
  }

  private static Output run(
      Recurrent network, RecurrentCase c, RecurrentCase.Data data, Team team) {
    Workspace workspace = network.workspace(c.steps(), c.batch(), false, team);
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    State last = State.zeros(c.config(), c.batch());
    network.forward(workspace, new float[x.length], y); // leaves no trace
    network.forward(workspace, x, data.initial(), data.lengths(), y, last);
    return new Output(y, last);
  }

  private static void round(Parameters parameters, WeightFormat format) {
    float[] values = parameters.values();
    for (Slice slice : parameters.slices()) {
      if (!slice.name().startsWith("weight_") || slice.shape().size() < 2) {
        continue;
      }
      int k = slice.shape().getLast();
      for (int from = slice.offset(); from < slice.offset() + slice.size(); from += k) {
        double largest = 0;
        for (int i = from; i < from + k; i++) {
          largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = (float) (largest / 127);
        if (127.0 * scale < largest) {
          scale = Math.nextUp(scale);
        }
        for (int i = from; i < from + k; i++) {
          values[i] =
              format == WeightFormat.INT8
                  ? (float) (Math.rint(values[i] / (double) scale) * scale)
                  : halved(values[i]);
        }
      }
    }
    parameters.changed();
  }

  /** To a multiple of the last of 8 bits, by arithmetic. */
  private static float halved(float w) {
    float last = Math.ulp(w) * 0x1p16f;
    return (float) (Math.rint(w / last) * last);
  }

  @ParameterizedTest
  @MethodSource("dev.unroll.run.RecurrentTest#cases")
  void halvesHaveTheBitsOfRoundedFloats(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Recurrent network = data.recurrent();
    float[][] floats = run(network, c, data, Team.single()).all();
    float[][] rounded = run(network.withWeights(WeightFormat.BF16), c, data, Team.single()).all();
    if (c.config().hiddenSize() > 2) {
      assertThat(rounded[0]).isNotEqualTo(floats[0]);
    }
    round(data.layout(), WeightFormat.BF16);
    assertThat(run(network, c, data, Team.single()).all()).isDeepEqualTo(rounded);
  }

  /** A scaled sum of whole numbers rounds otherwise than a sum of scaled ones, by a few ulp. */
  @ParameterizedTest
  @MethodSource("dev.unroll.run.RecurrentTest#cases")
  void bytesAgreeWithRoundedFloats(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Recurrent network = data.recurrent();
    float[][] rounded = run(network.withWeights(WeightFormat.INT8), c, data, Team.single()).all();
    round(data.layout(), WeightFormat.INT8);
    float[][] expected = run(network, c, data, Team.single()).all();
    for (int i = 0; i < expected.length; i++) {
      assertClose(rounded[i], expected[i], 1e-5);
    }
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    double magnitude = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
      worst = Math.max(worst, Math.abs((double) actual[i] - expected[i]));
    }
    assertThat(worst).isLessThanOrEqualTo(tolerance * magnitude);
  }

  @ParameterizedTest
  @MethodSource("dev.unroll.run.RecurrentTest#oracleCases")
  void threadsBatchesAndStepsDoNotChangeABit(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    for (WeightFormat format : List.of(WeightFormat.BF16, WeightFormat.INT8)) {
      assertSameBits(data.recurrent().withWeights(format), c, data);
    }
  }

  /** Gives the outputs and last states that all ways have. */
  static float[][] assertSameBits(Recurrent network, RecurrentCase c, RecurrentCase.Data data) {
    Output whole = run(network, c, data, Team.single());
    for (int threads = 2; threads <= 4; threads++) {
      try (Team team = new Team(threads)) {
        assertThat(run(network, c, data, team).all())
            .as("%d threads", threads)
            .isDeepEqualTo(whole.all());
      }
    }
    RecurrentConfig config = c.config();
    float[] x = RecurrentCase.floats(data.x());
    int stateRows = config.numLayers() * config.numDirections();
    for (int from = 0, part = 1; from < c.batch(); from += part, part++) {
      int count = Math.min(part, c.batch() - from);
      State last = State.zeros(config, count);
      float[] y = new float[c.steps() * count * config.outputSize()];
      network.forward(
          network.workspace(c.steps(), count, false),
          RecurrentTest.columns(x, c.steps(), c.batch(), from, count),
          RecurrentTest.part(data.initial(), stateRows, c, from, count),
          Arrays.copyOfRange(data.lengths(), from, from + count),
          y,
          last);
      assertThat(y)
          .as("sequences %d to %d", from, from + count)
          .isEqualTo(RecurrentTest.columns(whole.y, c.steps(), c.batch(), from, count));
      RecurrentTest.assertSame(last, RecurrentTest.part(whole.last, stateRows, c, from, count));
    }
    if (!config.bidirectional()) {
      assertStreamed(network, c, data);
    }
    return whole.all();
  }

  /** Sequences of full length, step by step. */
  private static void assertStreamed(Recurrent network, RecurrentCase c, RecurrentCase.Data data) {
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    network.forward(
        network.workspace(c.steps(), c.batch(), false), x, data.initial(), null, y, null);
    Stepper stepper = network.stepper(c.batch());
    Stream stream = network.stream(c.batch());
    stream.restore(data.initial());
    int in = x.length / c.steps();
    int out = y.length / c.steps();
    float[] step = new float[out];
    for (int t = 0; t < c.steps(); t++) {
      stepper.step(stream, Arrays.copyOfRange(x, t * in, (t + 1) * in), step);
      assertThat(step).as("step %d", t).isEqualTo(Arrays.copyOfRange(y, t * out, (t + 1) * out));
    }
  }

  /** The weights of one row that are all zero give that gate its bias. */
  @Test
  void aRowOfZerosIsExact() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_tanh"), 3, 2);
    Recurrent network = new Recurrent(config);
    float[] values = network.parameters().values();
    Arrays.fill(values, 0f);
    values[network.parameters().slice("bias_ih_l0").offset()] = .25f;
    values[3] = 0x7fp-7f; // weight_ih[1][0], 127 times a power of two, so that its scale is exact
    network.parameters().changed();
    float[] x = {.5f, 7, 8};
    assertThat(network.withWeights(WeightFormat.INT8).forward(x, 1, 1))
        .isEqualTo(network.forward(x, 1, 1));
  }

  @Test
  void oneSetOfParametersServesAllFormats() {
    RecurrentCase c = new RecurrentCase(RecurrentConfig.of(Cells.named("gru"), 4, 20), 3, 2, false);
    RecurrentCase.Data data = c.data();
    Recurrent network = data.recurrent();
    Recurrent bytes = network.withWeights(WeightFormat.INT8);
    assertThat(bytes.weights()).isEqualTo(WeightFormat.INT8);
    assertThat(bytes.parameters()).isSameAs(network.parameters());
    assertThat(bytes.withWeights(WeightFormat.F32)).isSameAs(network);
    float[][] before = run(bytes, c, data, Team.single()).all();
    data.layout().values()[0] += 1;
    data.layout().changed();
    float[][] after = run(bytes, c, data, Team.single()).all();
    assertThat(after[0]).isNotEqualTo(before[0]);
    assertThat(run(network.withWeights(WeightFormat.INT8), c, data, Team.single()).all())
        .isDeepEqualTo(after);
  }

  @Test
  void trainingAndJacobiansAreRefused() {
    Recurrent network =
        new Recurrent(RecurrentConfig.of(Cells.named("lstm"), 3, 4)).withWeights(WeightFormat.BF16);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.workspace(2, 1, true))
        .withMessage(
            "Weights of bf16 are for inference: for training and for Jacobians take the network"
                + " itself, whose weights are f32, or make the workspace with training = false.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Linearization(network, 2, Team.single()))
        .withMessageStartingWith("Weights of bf16 are for inference");
  }

  /** Without vectors, which an interpreter boxes, so that the count is exact. */
  @ParameterizedTest
  @EnumSource
  void passesAndStepsAllocateNothing(WeightFormat format) {
    Assumptions.assumeFalse(Lanes.VECTOR, "plain Java only");
    for (String cell : new String[] {"lstm", "min_gru"}) {
      RecurrentConfig config = RecurrentConfig.of(Cells.named(cell), 5, 19).withNumLayers(2);
      RecurrentCase.Data data = new RecurrentCase(config, 6, 7, true).data();
      Recurrent network = data.recurrent().withWeights(format);
      Workspace workspace = network.workspace(6, 7, false);
      Stepper stepper = network.stepper(7);
      Stream stream = network.stream(7);
      float[] x = RecurrentCase.floats(data.x());
      float[] y = new float[data.gradY().length];
      State state = data.initial();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int call = 0; call < 5; call++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        network.forward(workspace, x, state, data.lengths(), y, state);
        stepper.step(stream, x, y);
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).isZero();
    }
  }
}
