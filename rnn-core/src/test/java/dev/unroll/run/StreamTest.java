package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream against whole passes, to the bit. */
@Tag("widths")
class StreamTest {
  private static final int INPUTS = 5;

  /** More than two blocks of a scan. */
  private static final int STEPS = 150;

  private final RandomGenerator random = Initializer.random(29);

  static List<RecurrentConfig> configs() {
    List<RecurrentConfig> configs = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      for (int hidden : new int[] {3, 70}) {
        RecurrentConfig one = RecurrentConfig.of(cell, INPUTS, hidden);
        configs.add(one);
        configs.add(one.withNumLayers(2).withBias(false));
      }
    }
    configs.add(RecurrentConfig.of(Cells.named("lstm"), INPUTS, 20).withProjSize(6));
    return configs;
  }

  private Recurrent network(RecurrentConfig config) {
    Recurrent network = new Recurrent(config);
    Initializer.recurrentDefault(network.parameters(), "", config.hiddenSize(), random);
    return network;
  }

  private float[] draw(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Takes some steps of x and gives their outputs. */
  private static float[] steps(Recurrent network, Stream stream, float[] x, int from, int to) {
    RecurrentConfig config = network.config();
    Stepper stepper = network.stepper(stream.batch());
    int in = stream.batch() * config.inputSize();
    int out = stream.batch() * config.outputSize();
    float[] all = new float[(to - from) * out];
    float[] y = new float[out];
    for (int t = from; t < to; t++) {
      stepper.step(stream, Arrays.copyOfRange(x, t * in, (t + 1) * in), y);
      System.arraycopy(y, 0, all, (t - from) * out, out);
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("configs")
  void stepsHaveTheBitsOfOnePass(RecurrentConfig config) {
    Recurrent network = network(config);
    for (int batch : new int[] {1, 3, 7}) {
      float[] x = draw(STEPS * batch * INPUTS);
      float[] whole = new float[STEPS * batch * config.outputSize()];
      State last = State.zeros(config, batch);
      network.forward(network.workspace(STEPS, batch, false), x, null, null, whole, last);

      Stream stream = network.stream(batch);
      assertThat(steps(network, stream, x, 0, STEPS)).isEqualTo(whole);
      RecurrentTest.assertSame(stream.state(), last);

      stream.reset();
      RecurrentTest.assertSame(stream.state(), State.zeros(config, batch));
      assertThat(steps(network, stream, x, 0, STEPS)).isEqualTo(whole);
    }
  }

  /** A state that is put back gives the bits of a pass from it, whatever was streamed between. */
  @ParameterizedTest
  @MethodSource("configs")
  void aSavedStateIsRestored(RecurrentConfig config) {
    Recurrent network = network(config);
    int batch = 2;
    float[] x = draw(STEPS * batch * INPUTS);
    Stream stream = network.stream(batch);
    for (int cut : new int[] {10, 70}) {
      stream.reset();
      steps(network, stream, x, 0, cut);
      State saved = stream.state().copy();
      State kept = saved.copy();
      steps(network, stream, x, cut, cut + 80);
      RecurrentTest.assertSame(saved, kept);
      stream.restore(saved);

      int rest = STEPS - cut;
      float[] expected = new float[rest * batch * config.outputSize()];
      network.forward(
          network.workspace(rest, batch, false),
          Arrays.copyOfRange(x, cut * batch * INPUTS, x.length),
          saved,
          null,
          expected,
          null);
      assertThat(steps(network, stream, x, cut, STEPS)).isEqualTo(expected);
      RecurrentTest.assertSame(saved, kept);
    }
  }

  @Test
  void streamsOfOneNetworkDoNotDisturbEachOther() throws InterruptedException {
    for (String cell : List.of("lstm", "min_gru")) {
      RecurrentConfig config = RecurrentConfig.of(Cells.named(cell), INPUTS, 33);
      Recurrent network = network(config);
      List<float[]> inputs = new ArrayList<>();
      List<float[]> expected = new ArrayList<>();
      List<Stream> streams = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        inputs.add(draw(STEPS * INPUTS));
        expected.add(network.forward(inputs.get(i), STEPS, 1));
        streams.add(network.stream(1));
      }
      float[][] actual = new float[4][];
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int own = i;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () ->
                        actual[own] = steps(network, streams.get(own), inputs.get(own), 0, STEPS)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (int i = 0; i < 4; i++) {
        assertThat(actual[i]).isEqualTo(expected.get(i));
      }
    }
  }

  @Test
  void changedParametersAreSeen() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("gru"), INPUTS, 9);
    Recurrent network = network(config);
    float[] x = draw(STEPS * INPUTS);
    Stream stream = network.stream(1);
    float[] before = steps(network, stream, x, 0, 3);
    network.parameters().values()[0] += 1;
    network.parameters().changed();
    stream.reset();
    float[] after = steps(network, stream, x, 0, 3);
    assertThat(after)
        .isNotEqualTo(before)
        .isEqualTo(Arrays.copyOf(network.forward(x, STEPS, 1), 27));
  }

  @Test
  void warmUpLeavesTheStateAsItIs() {
    for (String cell : List.of("gru", "min_lstm")) {
      RecurrentConfig config = RecurrentConfig.of(Cells.named(cell), INPUTS, 4);
      Recurrent network = network(config);
      float[] x = draw(STEPS * INPUTS);
      Stream stream = network.stream(1);
      float[] first = steps(network, stream, x, 0, 70);
      State before = stream.state().copy();
      network.stepper(1).warmUp();
      RecurrentTest.assertSame(stream.state(), before);
      float[] rest = steps(network, stream, x, 70, STEPS);
      float[] whole = network.forward(x, STEPS, 1);
      assertThat(first).isEqualTo(Arrays.copyOf(whole, first.length));
      assertThat(rest).isEqualTo(Arrays.copyOfRange(whole, first.length, whole.length));
    }
  }

  @Test
  void whatCannotBeStreamedIsRefused() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("lstm"), INPUTS, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network(config.withBidirectional(true)).stream(1))
        .withMessageContaining("cannot run one step at a time");
    Recurrent network = network(config);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.stream(0))
        .withMessageContaining("a batch of 0");
    Stepper stepper = network.stepper(2);
    Stream stream = network.stream(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.step(stream, new float[9], new float[8]))
        .withMessage("x has 9 elements, but rows * I = 10 are needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stepper.step(stream, new float[10], new float[7]))
        .withMessageStartingWith("y has 7 elements");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stream.restore(State.zeros(config, 1)))
        .withMessageStartingWith("from.h has 4 elements");
  }

  /** The short forms are the long ones. */
  @Test
  void forwardForBeginnersIsForward() {
    RecurrentConfig config =
        RecurrentConfig.of(Cells.named("lstm"), INPUTS, 6).withBidirectional(true);
    Recurrent network = network(config);
    float[] x = draw(4 * 3 * INPUTS);
    float[] expected = new float[4 * 3 * 12];
    Workspace workspace = network.workspace(4, 3, false, Team.single());
    network.forward(workspace, x, null, null, expected, null);
    float[] y = new float[expected.length];
    network.forward(network.workspace(4, 3, false), x, y);
    assertThat(y).isEqualTo(expected);
    assertThat(network.forward(x, 4, 3)).isEqualTo(expected);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.forward(x, 5, 3))
        .withMessage("x has 60 elements, but T * B * I = 75 are needed.");
  }
}
