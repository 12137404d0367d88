package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StripCell;
import dev.unroll.conventions.ByLayer;
import dev.unroll.guest.Guests;
import dev.unroll.kernel.Lanes;
import dev.unroll.kernel.Scan;
import dev.unroll.verify.Oracle;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The float path of every cell against the oracle, and the same bits however it is run. */
@Tag("widths")
@Order(ByLayer.FIRST + 1)
class RecurrentTest {
  private static final double TOLERANCE = 1e-5;

  static Stream<RecurrentCase> cases() {
    return Guests.andOurs().stream().flatMap(RecurrentTest::cases);
  }

  /** Those of cells that the oracle knows, by their names. */
  static Stream<RecurrentCase> oracleCases() {
    Set<String> known = Cells.all().stream().map(Cell::name).collect(Collectors.toSet());
    return cases().filter(c -> known.contains(c.config().cell().name()));
  }

  static Stream<RecurrentCase> linearCases() {
    return cases().filter(c -> c.config().cell() instanceof LinearCell);
  }

  static Stream<RecurrentCase> oneDirection() {
    return cases().filter(c -> c.config().numDirections() == 1);
  }

  /** More gates than an L2 cache keeps: one thread sums gradients on the way back. */
  static Stream<RecurrentCase> manyGates() {
    return Stream.of("rnn_tanh", "lstm", "gru")
        .map(cell -> RecurrentConfig.of(Cells.named(cell), 20, 70).withNumLayers(2))
        .map(config -> new RecurrentCase(config, 150, 33, true));
  }

  /** Enough weights that threads share the packing of them. */
  static Stream<RecurrentCase> largeWeights() {
    return Guests.andOurs().stream()
        .map(cell -> new RecurrentCase(RecurrentConfig.of(cell, 1400, 190), 3, 2, false));
  }

  /**
   * Weights that no cache keeps, so that the input products of several steps go together. Plain
   * Java, whose passes are the same, would take half a minute.
   */
  static Stream<RecurrentCase> weightsInMemory() {
    return Lanes.VECTOR
        ? Stream.of(
            new RecurrentCase(RecurrentConfig.of(Cells.named("lstm"), 70, 990), 3, 90, true),
            new RecurrentCase(
                RecurrentConfig.of(Cells.named("gru"), 70, 1150).withBidirectional(true),
                3,
                86,
                false))
        : Stream.empty();
  }

  /** Rows, units, blocks or sequences that threads divide, with a mask between the layers. */
  static Stream<RecurrentCase> withDropout() {
    return Stream.concat(
            cases(),
            Cells.all().stream()
                .map(cell -> RecurrentConfig.of(cell, 4, 190).withNumLayers(2))
                .map(config -> new RecurrentCase(config, 3, 2, false)))
        .filter(c -> c.config().numLayers() > 1)
        .map(
            c ->
                new RecurrentCase(
                    c.config().withDropout(.4), c.steps(), c.batch(), c.variableLengths()));
  }

  /**
   * What is plain first; below, at and above a vector, a tile and what threads share; one sequence
   * and many.
   */
  private static RecurrentConfig heads(Cell cell, int hidden, int heads) {
    return RecurrentCase.withHeads(RecurrentConfig.of(cell, 4, hidden).withNumLayers(2), heads);
  }

  private static Stream<RecurrentCase> cases(Cell cell) {
    RecurrentConfig odd = RecurrentConfig.of(cell, 5, 19);
    RecurrentConfig deep = RecurrentConfig.of(cell, 7, 10).withNumLayers(3);
    Stream<RecurrentCase> all =
        Stream.of(
            new RecurrentCase(odd.withBias(false), 5, 3, false),
            new RecurrentCase(RecurrentConfig.of(cell, 1, 1), 1, 1, false),
            new RecurrentCase(RecurrentConfig.of(cell, 3, 2), 4, 1, false),
            new RecurrentCase(odd, 6, 7, false),
            new RecurrentCase(odd, 6, 7, true),
            new RecurrentCase(RecurrentConfig.of(cell, 37, 100), 5, 1, false),
            new RecurrentCase(RecurrentConfig.of(cell, 37, 100), 4, 9, true),
            new RecurrentCase(RecurrentConfig.of(cell, 4, 190), 3, 2, true),
            new RecurrentCase(RecurrentConfig.of(cell, 16, 64), 3, 33, false),
            new RecurrentCase(RecurrentConfig.of(cell, 6, 16), 80, 4, false),
            new RecurrentCase(deep, 5, 4, true),
            new RecurrentCase(deep.withBidirectional(true), 5, 4, false),
            new RecurrentCase(odd.withBidirectional(true), 1, 5, false),
            new RecurrentCase(odd.withNumLayers(2).withBidirectional(true), 7, 6, true));
    if (cell.hasHeads()) {
      // Blocks of steps, strips of a head and heads, which threads take where sequences are few.
      all =
          Stream.concat(
              all,
              Stream.of(
                  new RecurrentCase(heads(cell, 18, 3), 70, 1, false),
                  new RecurrentCase(heads(cell, 18, 3).withBidirectional(true), 66, 3, true),
                  new RecurrentCase(heads(cell, 170, 2), 34, 2, true),
                  new RecurrentCase(heads(cell, 70, 35), 34, 2, true),
                  new RecurrentCase(RecurrentConfig.of(cell, 3, 130), 35, 1, false)));
    }
    if (cell instanceof StripCell) {
      // Blocks of steps: threads take blocks, strips or sequences; the last is short.
      return Stream.concat(
          all,
          Stream.of(
              new RecurrentCase(odd, 64, 1, false),
              new RecurrentCase(odd.withBidirectional(true).withNumLayers(2), 200, 1, false),
              new RecurrentCase(odd.withBidirectional(true).withNumLayers(2), 150, 3, true),
              new RecurrentCase(RecurrentConfig.of(cell, 3, 128), 130, 1, true),
              new RecurrentCase(RecurrentConfig.of(cell, 3, 70).withBias(false), 129, 4, true)));
    }
    if (!RecurrentConfig.takesProjection(cell)) {
      return all;
    }
    return Stream.concat(
        all,
        Stream.of(
            new RecurrentCase(odd.withProjSize(6), 5, 7, false),
            new RecurrentCase(odd.withProjSize(18).withBias(false), 5, 1, true),
            new RecurrentCase(
                deep.withProjSize(3).withBidirectional(true).withNumLayers(2), 5, 4, true)));
  }

  /** Everything that comes out of a forward and a backward pass. */
  record Outcome(float[] y, State last, float[] parameters, float[] x, State initial) {
    float[][] all() {
      float[][] first = withStates(List.of(y, parameters, x), last);
      return withStates(List.of(first), initial);
    }
  }

  /** Some arrays, then the parts of a state. */
  static float[][] withStates(List<float[]> arrays, State state) {
    return Stream.concat(arrays.stream(), state.parts().stream()).toArray(float[][]::new);
  }

  static Outcome run(RecurrentCase c, RecurrentCase.Data data, Team team) {
    return run(c, data, team, ScanForm.BLOCKED);
  }

  private static Outcome run(RecurrentCase c, RecurrentCase.Data data, Team team, ScanForm form) {
    Workspace workspace = data.recurrent().workspace(c.steps(), c.batch(), true, team, form);
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    State last = State.zeros(c.config(), c.batch());
    data.recurrent().forward(workspace, x, data.initial(), data.lengths(), y, last);

    data.layout().zeroGradients();
    float[] gradX = new float[x.length];
    State gradInitial = State.zeros(c.config(), c.batch());
    Arrays.fill(gradX, Float.NaN); // overwritten, not added to
    for (int i = 0; i < gradInitial.parts().size(); i++) {
      // Zeros stay where there is no gradient.
      if (gradInitial.states().get(i).differentiable()) {
        Arrays.fill(gradInitial.part(i), Float.NaN);
      }
    }
    float[] gradY = RecurrentCase.floats(data.gradY());
    data.recurrent().backward(workspace, x, gradY, data.gradLast(), gradX, gradInitial);
    return new Outcome(y, last, data.layout().gradients().clone(), gradX, gradInitial);
  }

  @ParameterizedTest
  @MethodSource("oracleCases")
  @Order(ByLayer.FIRST)
  void matchesTheOracle(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Oracle oracle = data.oracle();
    Oracle.Output out = oracle.forward(data.x(), data.first(), data.lengths());
    Oracle.Gradients gradients = oracle.backward(data.gradY(), data.upstream(), data.lengths());

    // A key of one number is always 1 or -1: what is left of its gradient is a small difference.
    double least = c.config().cell() instanceof DeltaCell ? .05 : 0;
    Outcome actual = run(c, data, Team.single());
    assertClose("y", actual.y, out.y());
    for (int i = 0; i < out.last().length; i++) {
      String part = actual.last.states().get(i).name();
      assertClose(part + "_n", actual.last.part(i), out.last()[i]);
      if (actual.last.states().get(i).differentiable()) {
        assertClose(part + "_0", actual.initial.part(i), gradients.initial()[i]);
      }
    }
    gradients
        .parameters()
        .forEach(
            (name, expected) -> {
              int from = data.layout().slice(name).offset();
              assertClose(
                  name,
                  Arrays.copyOfRange(actual.parameters, from, from + expected.length),
                  expected,
                  least);
            });
    assertClose("x", actual.x, gradients.x());
  }

  /** Relative to the tensor's largest magnitude. */
  private static void assertClose(String name, float[] actual, double[] expected) {
    assertClose(name, actual, expected, 0);
  }

  /** The same, and no less than to a magnitude. */
  private static void assertClose(String name, float[] actual, double[] expected, double least) {
    double magnitude = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    magnitude = Math.max(least, magnitude);
    assertThat(actual).hasSameSizeAs(expected);
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
    }
    assertThat(worst).as(name).isLessThanOrEqualTo(TOLERANCE * magnitude);
  }

  @ParameterizedTest
  @MethodSource({"cases", "largeWeights", "weightsInMemory", "manyGates", "withDropout"})
  void threadsDoNotChangeABit(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Outcome one = run(c, data, Team.single());
    for (int threads = 2; threads <= 4; threads++) {
      try (Team team = new Team(threads)) {
        assertThat(run(c, data, team).all()).as("%d threads", threads).isDeepEqualTo(one.all());
      }
    }
  }

  /** One block of steps has the serial form's bits; several have their own, close by. */
  @ParameterizedTest
  @MethodSource("linearCases")
  void blockedScanAgreesWithTheSerialScan(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    float[][] blocked = run(c, data, Team.single(), ScanForm.BLOCKED).all();
    float[][] serial = run(c, data, Team.single(), ScanForm.SERIAL).all();
    for (int k = 0; k < blocked.length; k++) {
      assertClose("output " + k, serial[k], doubles(blocked[k]));
    }
    assertThat(Arrays.deepEquals(serial, blocked))
        .as("same bits in %d steps", c.steps())
        .isEqualTo(c.steps() <= Scan.BLOCK);
    try (Team team = new Team(2)) {
      assertThat(run(c, data, team, ScanForm.SERIAL).all()).isDeepEqualTo(serial);
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  @ParameterizedTest
  @MethodSource({"cases", "weightsInMemory"})
  void inferenceInAUsedWorkspaceHasTheBitsOfTraining(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    assertInferenceHasTheBitsOf(run(c, data, Team.single()), c, data, Team.single());
  }

  static void assertInferenceHasTheBitsOf(
      Outcome training, RecurrentCase c, RecurrentCase.Data data, Team team) {
    Workspace workspace = data.recurrent().workspace(c.steps(), c.batch(), false, team);
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[training.y.length];
    State last = State.zeros(c.config(), c.batch());
    // Something else first, which must leave no trace.
    float[] other = new float[x.length];
    Arrays.fill(other, .7f);
    data.recurrent().forward(workspace, other, null, null, y, last);
    data.recurrent().forward(workspace, x, data.initial(), data.lengths(), y, last);
    assertThat(y).isEqualTo(training.y);
    assertSame(last, training.last);
  }

  /**
   * A sequence's results depend neither on its neighbours nor on its place among them. Only the
   * gradients of parameters, sums over the batch, round in another way.
   */
  @ParameterizedTest
  @MethodSource({"cases", "weightsInMemory", "withDropout"})
  void splittingABatchDoesNotChangeABit(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Outcome whole = run(c, data, Team.single());
    assertPartsHaveTheBitsOf(whole, c, data);
    assertClose("parameters", data.layout().gradients(), doubles(whole.parameters));
  }

  static void assertPartsHaveTheBitsOf(Outcome whole, RecurrentCase c, RecurrentCase.Data data) {
    RecurrentConfig config = c.config();
    int stateRows = config.numLayers() * config.numDirections();
    data.layout().zeroGradients();
    for (int from = 0, part = 1; from < c.batch(); from += part, part++) {
      int count = Math.min(part, c.batch() - from);
      float[] x = columns(RecurrentCase.floats(data.x()), c.steps(), c.batch(), from, count);
      float[] gradY =
          columns(RecurrentCase.floats(data.gradY()), c.steps(), c.batch(), from, count);
      int[] lengths = Arrays.copyOfRange(data.lengths(), from, from + count);
      Workspace workspace = data.recurrent().workspace(c.steps(), count, true);
      workspace.dropout().setFirstSequence(from);
      float[] y = new float[c.steps() * count * config.outputSize()];
      State last = State.zeros(config, count);
      data.recurrent()
          .forward(workspace, x, part(data.initial(), stateRows, c, from, count), lengths, y, last);
      float[] gradX = new float[x.length];
      State gradInitial = State.zeros(config, count);
      data.recurrent()
          .backward(
              workspace,
              x,
              gradY,
              part(data.gradLast(), stateRows, c, from, count),
              gradX,
              gradInitial);
      assertThat(y).isEqualTo(columns(whole.y, c.steps(), c.batch(), from, count));
      assertSame(last, part(whole.last, stateRows, c, from, count));
      assertThat(gradX).isEqualTo(columns(whole.x, c.steps(), c.batch(), from, count));
      assertSame(gradInitial, part(whole.initial, stateRows, c, from, count));
    }
  }

  /** At every width the same places hold NaN, and all others the bits they have without it. */
  @ParameterizedTest
  @MethodSource("oneDirection")
  void aNaNReachesAllLaterStepsOfItsSequenceAndNothingElse(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Outcome without = run(c, data, Team.single());
    int sequence = c.batch() - 1;
    int length = data.lengths()[sequence];
    int first = length / 2;
    data.x()[(first * c.batch() + sequence) * c.config().inputSize()] = Double.NaN;
    Outcome with = run(c, data, Team.single());

    float[] y = without.y.clone();
    for (int t = first; t < length; t++) {
      fillRow(y, t * c.batch() + sequence, c.config().stateSize());
    }
    assertThat(with.y).isEqualTo(y);
    State last = without.last.copy();
    int layers = c.config().numLayers();
    for (int i = 0; i < last.parts().size(); i++) {
      int width = c.config().width(last.states().get(i));
      for (int layer = 0; layer < layers; layer++) {
        fillRow(last.part(i), layer * c.batch() + sequence, width);
      }
    }
    assertSame(with.last, last);
    assertThat(columns(with.x, c.steps(), c.batch(), 0, sequence))
        .isEqualTo(columns(without.x, c.steps(), c.batch(), 0, sequence));
    assertSame(
        part(with.initial, layers, c, 0, sequence), part(without.initial, layers, c, 0, sequence));
  }

  static void assertSame(State actual, State expected) {
    for (int i = 0; i < expected.parts().size(); i++) {
      assertThat(actual.part(i)).isEqualTo(expected.part(i));
    }
  }

  private static void fillRow(float[] values, int row, int size) {
    Arrays.fill(values, row * size, (row + 1) * size, Float.NaN);
  }

  static State part(State state, int rows, RecurrentCase c, int from, int count) {
    return State.of(
        c.config().cell(),
        state.parts().stream()
            .map(part -> columns(part, rows, c.batch(), from, count))
            .toArray(float[][]::new));
  }

  /** Sequences from.. of {@code [rows, batch, features]}. */
  static float[] columns(float[] values, int rows, int batch, int from, int count) {
    int features = values.length / rows / batch;
    float[] part = new float[rows * count * features];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(
          values, (r * batch + from) * features, part, r * count * features, count * features);
    }
    return part;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void backwardAddsToParameterGradients(RecurrentCase c) {
    RecurrentCase.Data data = c.data();
    Workspace workspace = data.recurrent().workspace(c.steps(), c.batch(), true);
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    float[] gradY = RecurrentCase.floats(data.gradY());
    data.layout().zeroGradients();
    data.recurrent().forward(workspace, x, null, null, y, null);
    data.recurrent().backward(workspace, x, gradY, null, null, null);
    float[] once = data.layout().gradients().clone();
    data.recurrent().forward(workspace, x, null, null, y, null);
    data.recurrent().backward(workspace, x, gradY, null, null, null);
    double magnitude = 0;
    for (float g : once) {
      magnitude = Math.max(magnitude, Math.abs(g));
    }
    for (int i = 0; i < once.length; i++) {
      assertThat(Math.abs(data.layout().gradients()[i] - 2 * once[i]))
          .isLessThanOrEqualTo((float) (1e-5 * magnitude));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void parameterCountIsWhatTheNetworkAdds(RecurrentCase c) {
    assertThat(c.config().parameterCount()).isEqualTo(c.data().layout().size());
  }

  @Test
  void sizesThatNoArrayHoldsAreRefusedBeforeAnythingIsAllocated() {
    RecurrentConfig tiny = RecurrentConfig.of(Cells.named("lstm"), 1, 1);
    for (int hidden : new int[] {46_341, Integer.MAX_VALUE}) {
      RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_tanh"), 1, hidden);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Recurrent(new Parameters(), "", config))
          .withMessageContaining("use a smaller hidden_size");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Recurrent(new Parameters(), "", tiny.withNumLayers(Integer.MAX_VALUE)))
        .withMessageContaining("or fewer layers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> State.zeros(tiny, -3))
        .withMessageContaining("a batch of -3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> State.zeros(tiny.withNumLayers(Integer.MAX_VALUE), 2))
        .withMessageContaining("use a smaller batch");
    Recurrent network = new Recurrent(new Parameters(), "", tiny);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.workspace(1 << 16, 1 << 16, true))
        .withMessageContaining("y would have T * B * outputs = 4294967296");
  }

  /** Weights of 0, a state of -0 and x below 0 leave nothing but zeros below 0 to add. */
  @Test
  void biasOfMinusZeroStaysMinusZeroInALinearCell() {
    Parameters parameters = new Parameters();
    Recurrent network =
        new Recurrent(parameters, "", RecurrentConfig.of(Cells.named("min_gru"), 1, 1));
    Arrays.fill(
        parameters.values(), parameters.slice("bias_ih_l0").offset(), parameters.size(), -0f);
    parameters.changed();
    float[] y = new float[1];
    State initial = State.of(network.config().cell(), new float[] {-0f});
    network.forward(network.workspace(1, 1, false), new float[] {-1}, initial, null, y, null);
    assertThat(Float.floatToRawIntBits(y[0])).isEqualTo(Float.floatToRawIntBits(-0f));
  }
}
