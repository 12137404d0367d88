package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.train.Model.Readout;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("widths")
class ModelStreamTest {
  private static final int STEPS = 70;
  private static final int BATCH = 2;
  private static final int VOCAB = 9;

  private final RandomGenerator random = Initializer.random(37);

  static List<Cell> cells() {
    return Cells.all();
  }

  private Model model(Cell cell) {
    RecurrentConfig recurrent = RecurrentConfig.of(cell, 4, 13).withNumLayers(2);
    return new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), random);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void logitsHaveTheBitsOfASession(Cell cell) {
    Model model = model(cell);
    int[] tokens = random.ints(STEPS * BATCH, 0, VOCAB).toArray();
    Session session = model.session(STEPS, BATCH, Readout.EVERY_STEP, false);
    session.forward(tokens);
    ModelStream stream = model.stream(BATCH);
    State start = stream.state().copy();
    for (int round = 0; round < 3; round++) {
      for (int t = 0; t < STEPS; t++) {
        float[] logits = stream.step(Arrays.copyOfRange(tokens, t * BATCH, (t + 1) * BATCH));
        int row = t * BATCH * VOCAB;
        assertThat(logits)
            .isEqualTo(Arrays.copyOfRange(session.logits(), row, row + BATCH * VOCAB));
      }
      if (round == 0) {
        stream.reset();
      } else {
        stream.restore(start);
      }
    }
  }

  @Test
  void warmUpLeavesLogitsAndState() {
    Model model = model(Cells.named("gru"));
    ModelStream stream = model.stream(1);
    float[] logits = stream.step(3).clone();
    State state = stream.state().copy();
    stream.warmUp();
    assertThat(stream.logits()).isEqualTo(logits);
    assertThat(stream.state().h()).isEqualTo(state.h());
  }

  @Test
  void changedWeightsAreReadInTheNextStep() {
    Model model = model(Cells.named("gru"));
    ModelStream stream = model.stream(1);
    float[] before = stream.step(3).clone();
    float[] values = model.parameters().values();
    for (int i = 0; i < values.length; i++) {
      values[i] *= -2;
    }
    model.parameters().changed();
    stream.reset();
    assertThat(stream.step(3)).isNotEqualTo(before).isEqualTo(model.stream(1).step(3));
  }

  @Test
  void wrongInputsAreRefused() {
    ModelStream two = model(Cells.named("gru")).stream(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> two.step(1))
        .withMessage("tokens has 1 elements, but B = 2 are needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> two.step(new int[] {0, VOCAB}))
        .withMessageContaining("Token 1 is 9");
    assertThatIllegalStateException()
        .isThrownBy(() -> two.step(new float[8]))
        .withMessageContaining("has an embedding");
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("gru"), 2, 3);
    ModelStream features = new Model(Model.Config.of(recurrent, 1), random).stream(1);
    assertThat(features.step(new float[] {1, 2})).hasSize(1);
    assertThatIllegalStateException()
        .isThrownBy(() -> features.step(0))
        .withMessageContaining("no embedding");
  }
}
