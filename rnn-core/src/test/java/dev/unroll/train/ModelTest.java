package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.conventions.ByLayer;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model.Readout;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("widths")
@Order(ByLayer.LAST)
class ModelTest {
  private static final int STEPS = 6;
  private static final int BATCH = 5;
  private static final int VOCAB = 9;

  private final RandomGenerator random = Initializer.random(23);

  static List<Cell> cells() {
    return Cells.all();
  }

  private static Model model(Cell cell) {
    RecurrentConfig recurrent = RecurrentConfig.of(cell, 4, 13).withNumLayers(2);
    return new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), Initializer.random(1));
  }

  private int[] tokens(int size) {
    int[] tokens = new int[size];
    for (int i = 0; i < size; i++) {
      tokens[i] = random.nextInt(VOCAB);
    }
    return tokens;
  }

  @Test
  void parametersHavePyTorchsNames() {
    Model model = model(Cells.named("gru"));
    assertThat(model.parameters().slices().stream().map(Parameters.Slice::name))
        .containsExactly(
            "embedding.weight",
            "rnn.weight_ih_l0",
            "rnn.weight_hh_l0",
            "rnn.bias_ih_l0",
            "rnn.bias_hh_l0",
            "rnn.weight_ih_l1",
            "rnn.weight_hh_l1",
            "rnn.bias_ih_l1",
            "rnn.bias_hh_l1",
            "fc.weight",
            "fc.bias");
  }

  /** PyTorch draws them from the standard normal distribution. */
  @Test
  void aNewEmbeddingIsNormal() {
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("gru"), 100, 2);
    Model model = new Model(Model.Config.of(recurrent, 2).withEmbedding(100), random);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 10_000; i++) {
      double value = model.parameters().values()[i];
      sum += value;
      squares += value * value;
    }
    assertThat(sum / 10_000).isCloseTo(0, within(.04)); // four standard errors
    assertThat(squares / 10_000).isCloseTo(1, within(.06));
  }

  @Test
  void namesAreTheCallers() {
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("gru"), 4, 13);
    Model.Config config = Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB);
    Model model =
        new Model(
            config.withNames(new Model.Names("tokens", "encoder.gru", "head")),
            Initializer.random(1));
    assertThat(model.parameters().slices().stream().map(Parameters.Slice::name))
        .containsExactly(
            "tokens.weight",
            "encoder.gru.weight_ih_l0",
            "encoder.gru.weight_hh_l0",
            "encoder.gru.bias_ih_l0",
            "encoder.gru.bias_hh_l0",
            "head.weight",
            "head.bias");
    assertThat(model.parameters().values())
        .isEqualTo(new Model(config, Initializer.random(1)).parameters().values());
    assertThat(Model.Config.of(recurrent, 2).vocabSize()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.Config.of(recurrent, 2).withEmbedding(0))
        .withMessageStartingWith("A model of 0 tokens and 2 outputs cannot be made");
  }

  /**
   * A loss leaves the logits alone; its gradient, given back by hand, is the same training step.
   */
  @Test
  void logitsStayLogitsAfterALoss() {
    Model model = model(Cells.named("gru"));
    Parameters parameters = model.parameters();
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, true);
    int[] tokens = tokens(STEPS * BATCH);
    session.forward(tokens);
    float[] logits = session.logits().clone();
    int[] predictions = session.predictions().clone();
    double loss = session.crossEntropy(tokens);
    session.backward();
    assertThat(session.logits()).isEqualTo(logits);
    assertThat(session.predictions()).isEqualTo(predictions);
    int correct = 0;
    for (int r = 0; r < tokens.length; r++) {
      correct += predictions[r] == tokens[r] ? 1 : 0;
      for (int c = 0; c < VOCAB; c++) {
        assertThat(logits[r * VOCAB + predictions[r]])
            .isGreaterThanOrEqualTo(logits[r * VOCAB + c]);
      }
    }
    assertThat(session.correct()).isEqualTo(correct);
    float[] expected = parameters.gradients().clone();

    float[] gradient = logits.clone();
    assertThat(
            new SoftmaxCrossEntropy(STEPS * BATCH, VOCAB, Team.single()).forward(gradient, tokens))
        .isEqualTo(loss);
    parameters.zeroGradients();
    session.forward(tokens);
    session.backward(gradient);
    assertThat(parameters.gradients()).isEqualTo(expected);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.backward(new float[5]))
        .withMessageStartingWith("gradLogits has 5 elements");

    Session inference = model.session(STEPS, BATCH, Readout.EVERY_STEP, false);
    inference.forward(tokens);
    assertThat(inference.crossEntropy(tokens)).isEqualTo(loss);
    assertThat(inference.logits()).isEqualTo(logits);
    assertThat(inference.meanSquaredError(logits, null)).isZero();
    assertThat(inference.logits()).isEqualTo(logits);
  }

  /** The whole chain's gradients against central differences of the loss. */
  @ParameterizedTest
  @MethodSource("cells")
  void gradientsEqualFiniteDifferencesOfTheLoss(Cell cell) {
    for (Readout readout : Readout.values()) {
      Model model = model(cell);
      Parameters parameters = model.parameters();
      Session session = model.session(STEPS, BATCH, readout, true);
      int[] tokens = tokens(STEPS * BATCH);
      int[] lengths = {6, 3, 1, 5, 6};
      int[] targets = tokens(readout == Readout.LAST_STEP ? BATCH : STEPS * BATCH);
      targets[1] = SoftmaxCrossEntropy.MASKED;
      session.forward(tokens, null, lengths, null);
      parameters.zeroGradients();
      session.crossEntropy(targets);
      session.backward();
      // Along a random direction, since single differences drown in float's rounding.
      for (int trial = 0; trial < 3; trial++) {
        float[] direction = new float[parameters.size()];
        double slope = 0;
        for (int i = 0; i < direction.length; i++) {
          direction[i] = (float) random.nextGaussian();
          slope += (double) direction[i] * parameters.gradients()[i];
        }
        double h = 3e-4;
        double above = lossAt(parameters, direction, h, session, tokens, lengths, targets);
        double below = lossAt(parameters, direction, -h, session, tokens, lengths, targets);
        assertThat((above - below) / (2 * h)).isCloseTo(slope, within(.01 + .01 * Math.abs(slope)));
      }
    }
  }

  private static double lossAt(
      Parameters parameters,
      float[] direction,
      double h,
      Session session,
      int[] tokens,
      int[] lengths,
      int[] targets) {
    float[] values = parameters.values().clone();
    for (int i = 0; i < direction.length; i++) {
      parameters.values()[i] += (float) (h * direction[i]);
    }
    parameters.changed();
    session.forward(tokens, null, lengths, null);
    double loss = session.crossEntropy(targets);
    System.arraycopy(values, 0, parameters.values(), 0, values.length);
    parameters.changed();
    return loss;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void threadsDoNotChangeABitOfTraining(Cell cell) {
    float[] one = train(cell, Team.single(), 1);
    assertThat(train(cell, Team.single(), 1)).isEqualTo(one);
    assertThat(train(cell, Team.single(), 2)).isNotEqualTo(one);
    for (int threads = 2; threads <= 4; threads++) {
      try (Team team = new Team(threads)) {
        assertThat(train(cell, team, 1)).as("%d threads", threads).isEqualTo(one);
      }
    }
  }

  private static float[] train(Cell cell, Team team, long seed) {
    RandomGenerator random = Initializer.random(seed);
    RecurrentConfig recurrent = RecurrentConfig.of(cell, 4, 13).withNumLayers(2);
    Model model = new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), random);
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, true, team);
    Optimizer optimizer = new Adam(.01);
    int[] tokens = new int[(STEPS + 1) * BATCH];
    for (int step = 0; step < 10; step++) {
      Arrays.setAll(tokens, i -> random.nextInt(VOCAB));
      model.parameters().zeroGradients();
      session.forward(tokens);
      session.crossEntropy(Arrays.copyOfRange(tokens, BATCH, tokens.length));
      session.backward();
      GradientClipping.byGlobalNorm(model.parameters(), 5);
      optimizer.step(model.parameters());
    }
    return model.parameters().values();
  }

  /** Windows that carry the state give the bits of one long pass; the state may be one object. */
  @ParameterizedTest
  @MethodSource("cells")
  void carriedStatesContinueTheSequence(Cell cell) {
    Model model = model(cell);
    RecurrentConfig config = model.config().recurrent();
    int[] tokens = tokens(3 * STEPS * BATCH);
    Session whole = model.session(3 * STEPS, BATCH, Readout.EVERY_STEP, false);
    State end = State.zeros(config, BATCH);
    whole.forward(tokens, null, null, end);

    for (boolean training : new boolean[] {false, true}) {
      Session window = model.session(STEPS, BATCH, Readout.EVERY_STEP, training);
      State state = State.zeros(config, BATCH);
      int tokensPerWindow = STEPS * BATCH;
      int logitsPerWindow = tokensPerWindow * VOCAB;
      for (int w = 0; w < 3; w++) {
        int from = w * tokensPerWindow;
        window.forward(
            Arrays.copyOfRange(tokens, from, from + tokensPerWindow), state, null, state);
        assertThat(window.logits())
            .isEqualTo(
                Arrays.copyOfRange(whole.logits(), w * logitsPerWindow, (w + 1) * logitsPerWindow));
      }
      for (int i = 0; i < end.parts().size(); i++) {
        assertThat(state.part(i)).isEqualTo(end.part(i));
      }
    }
  }

  /** What is carried is a number, not a path: a window's gradients are those from a given state. */
  @ParameterizedTest
  @MethodSource("cells")
  void gradientsAreTheSameWhenInitialAndLastAreOneState(Cell cell) {
    Model model = model(cell);
    Parameters parameters = model.parameters();
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, true);
    int[] tokens = tokens(STEPS * BATCH);
    State state = State.zeros(model.config().recurrent(), BATCH);
    session.forward(tokens, null, null, state);
    State copy = state.copy();

    parameters.zeroGradients();
    session.forward(tokens, copy, null, null);
    session.crossEntropy(tokens);
    session.backward();
    float[] expected = parameters.gradients().clone();

    parameters.zeroGradients();
    session.forward(tokens, state, null, state);
    session.crossEntropy(tokens);
    session.backward();
    assertThat(parameters.gradients()).isEqualTo(expected);
    assertThat(state.part(0)).isNotEqualTo(copy.part(0));
  }

  @Test
  void lastStepLogitsAreThoseOfEachSequencesLastStep() {
    Model model = model(Cells.named("lstm"));
    int[] tokens = tokens(STEPS * BATCH);
    int[] lengths = {6, 3, 1, 5, 6};
    Session every = model.session(STEPS, BATCH, Readout.EVERY_STEP, false);
    Session last = model.session(STEPS, BATCH, Readout.LAST_STEP, false);
    every.forward(tokens, null, lengths, null);
    last.forward(tokens, null, lengths, null);
    for (int b = 0; b < BATCH; b++) {
      int row = (lengths[b] - 1) * BATCH + b;
      assertThat(Arrays.copyOfRange(last.logits(), b * VOCAB, (b + 1) * VOCAB))
          .isEqualTo(Arrays.copyOfRange(every.logits(), row * VOCAB, (row + 1) * VOCAB));
    }
    assertThat(last.outputs()).isEqualTo(every.outputs());
  }

  /** A gradient of the batch before, at the last steps of other lengths, would still be there. */
  @Test
  void aSessionForgetsTheBatchBefore() {
    Model model = model(Cells.named("lstm"));
    int[] tokens = tokens(STEPS * BATCH);
    int[] targets = tokens(BATCH);
    int[] lengths = {6, 3, 1, 5, 6};
    Session used = model.session(STEPS, BATCH, Readout.LAST_STEP, true);
    lastStepGradients(model, used, tokens, targets, new int[] {2, 6, 6, 1, 4});
    assertThat(lastStepGradients(model, used, tokens, targets, lengths))
        .isEqualTo(
            lastStepGradients(
                model,
                model.session(STEPS, BATCH, Readout.LAST_STEP, true),
                tokens,
                targets,
                lengths));
  }

  private static float[] lastStepGradients(
      Model model, Session session, int[] tokens, int[] targets, int[] lengths) {
    model.parameters().zeroGradients();
    session.forward(tokens, null, lengths, null);
    session.crossEntropy(targets);
    session.backward();
    return model.parameters().gradients().clone();
  }

  @Test
  void paddedStepsAreNotInTheLoss() {
    Model model = model(Cells.named("gru"));
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, true);
    int[] lengths = {6, 3, 1, 5, 6};
    int[] tokens = tokens(STEPS * BATCH);
    int[] targets = tokens(STEPS * BATCH);
    session.forward(tokens, null, lengths, null);
    double loss = session.crossEntropy(targets);
    assertThat(session.count()).isEqualTo(21);
    targets[3 * BATCH + 1] = (targets[3 * BATCH + 1] + 1) % VOCAB; // beyond length 3
    session.forward(tokens, null, lengths, null);
    assertThat(session.crossEntropy(targets)).isEqualTo(loss);
    targets[2 * BATCH + 1] = (targets[2 * BATCH + 1] + 1) % VOCAB; // within it
    session.forward(tokens, null, lengths, null);
    assertThat(session.crossEntropy(targets)).isNotEqualTo(loss);
  }

  @Test
  void squaredErrorCountsRowsThatAreRealAndNotMasked() {
    Model model = model(Cells.named("gru"));
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, true);
    int[] lengths = {6, 3, 1, 5, 6};
    session.forward(tokens(STEPS * BATCH), null, lengths, null);
    boolean[] mask = new boolean[STEPS * BATCH];
    for (int row = 0; row < mask.length; row++) {
      mask[row] = row % 3 != 0;
    }
    assertMeanSquare(session, lengths, mask);
    assertMeanSquare(session, lengths, null);
  }

  private static void assertMeanSquare(Session session, int[] lengths, boolean @Nullable [] mask) {
    double sum = 0;
    int count = 0;
    for (int row = 0; row < STEPS * BATCH; row++) {
      if (row / BATCH < lengths[row % BATCH] && (mask == null || mask[row])) {
        for (int c = 0; c < VOCAB; c++) {
          sum += Math.pow(session.logits()[row * VOCAB + c], 2);
          count++;
        }
      }
    }
    float[] zeros = new float[STEPS * BATCH * VOCAB];
    assertThat(session.meanSquaredError(zeros, mask)).isCloseTo(sum / count, within(1e-6));
  }

  @Test
  void realValuedInputsLearnASquaredError() {
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("lstm"), 2, 12);
    Model model = new Model(Model.Config.of(recurrent, 1), Initializer.random(3));
    Session session = model.session(8, 16, Readout.LAST_STEP, true);
    Optimizer optimizer = new Adam(.02);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 150; step++) {
      float[] x = new float[8 * 16 * 2];
      float[] target = new float[16];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
        target[i / 2 % 16] += i % 2 == 0 ? x[i] / 4 : 0;
      }
      model.parameters().zeroGradients();
      session.forward(x);
      last = session.meanSquaredError(target, null);
      first = step == 0 ? last : first;
      session.backward();
      optimizer.step(model.parameters());
    }
    assertThat(last).isLessThan(first / 4);
  }

  @Test
  void refusesWrongInputsAndBackwardWithoutTraining() {
    Model model = model(Cells.named("gru"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.Config.of(RecurrentConfig.of(Cells.named("gru"), 2, 3), 0))
        .withMessage("A model of 0 outputs cannot be made: use at least 1 of each.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.config().withEmbedding(0))
        .withMessageStartingWith("A model of 0 tokens and 9 outputs cannot be made");
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, false);
    assertThatIllegalStateException()
        .isThrownBy(() -> session.forward(new float[STEPS * BATCH * 4]))
        .withMessageContaining("has an embedding");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.forward(new int[29]))
        .withMessage("tokens has 29 elements, but T·B = 30 are needed.");
    session.forward(tokens(STEPS * BATCH));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.crossEntropy(new int[BATCH]))
        .withMessage("targets has 5 elements, but R = 30 are needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.meanSquaredError(new float[9], null))
        .withMessage("targets has 9 elements, but R·classes = 270 are needed.");
    Model realValued =
        new Model(
            Model.Config.of(RecurrentConfig.of(Cells.named("gru"), 2, 3), 1),
            Initializer.random(1));
    Session features = realValued.session(4, 3, Readout.EVERY_STEP, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> features.forward(new float[23]))
        .withMessage("features has 23 elements, but T·B·inputSize = 24 are needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Session.floats("x", 1 << 16, 1 << 16, "T * B * I"))
        .withMessageStartingWith("x would have T * B * I = 4294967296 elements");
    assertThatIllegalStateException()
        .isThrownBy(session::backward)
        .withMessageContaining("training = false");
  }
}
