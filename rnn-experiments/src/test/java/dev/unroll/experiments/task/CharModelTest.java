package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.cell.Initializer;
import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CharModelTest {
  @TempDir private Path folder;

  @Test
  void aSavedModelDrawsTheSameText() throws IOException {
    CharModel model =
        CharModel.of(
            Vocabulary.of("hello \u00e9\uD83D\uDE00"), "lstm", 5, 7, 2, Initializer.random(1));
    Path file = folder.resolve("model.safetensors");
    model.save(file);
    CharModel loaded = CharModel.load(file);
    assertThat(loaded.model().config()).isEqualTo(model.model().config());
    assertThat(loaded.sample("he", 50, .8, Initializer.random(2)))
        .isEqualTo(model.sample("he", 50, .8, Initializer.random(2)))
        .isNotEqualTo(model.sample("he", 50, .8, Initializer.random(3)));
    assertThatThrownBy(() -> loaded.sample("x", 5, 1, Initializer.random(1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'x'");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertThatThrownBy(() -> CharModel.load(folder.resolve("none")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("does not exist");
    Path text = Files.writeString(folder.resolve("text"), "some text that is no model at all");
    assertThatThrownBy(() -> CharModel.load(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("not a safetensors file");
  }

  private Safetensors checkpoint() throws IOException {
    Path file = folder.resolve("good.safetensors");
    CharModel.of(Vocabulary.of("abc"), "rnn_tanh", 2, 3, 1, Initializer.random(1)).save(file);
    return Safetensors.read(file);
  }

  private void assertRefused(
      Map<String, Tensor> tensors, Map<String, String> metadata, String... parts)
      throws IOException {
    Safetensors good = checkpoint();
    Map<String, Tensor> changed = new LinkedHashMap<>(good.tensors());
    changed.putAll(tensors);
    Map<String, String> told = new LinkedHashMap<>(good.metadata());
    told.putAll(metadata);
    Path file = folder.resolve("bad.safetensors");
    new Safetensors(changed, told).write(file);
    assertThatThrownBy(() -> CharModel.load(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bad.safetensors")
        .hasMessageContainingAll(parts);
  }

  /** What these state would take gigabytes. */
  @Test
  void aCheckpointOrdersNoMoreThanItHolds() throws IOException {
    String hh = "rnn.weight_hh_l0";
    Map<String, Tensor> layers = new LinkedHashMap<>();
    for (int i = 1; i < 20_000; i++) {
      layers.put("rnn.weight_ih_l" + i, Tensor.of(new float[0], 0, 3));
    }
    assertRefused(layers, Map.of(), "parameters, but its tensors");
    assertRefused(Map.of(), Map.of("unroll.characters", "abcd"), "not one of the 4 characters");
    assertRefused(
        Map.of(hh, Tensor.of(new float[0], 0, 40_000)), Map.of(), hh, "[0, 40000]", "at least 1");
    assertRefused(Map.of(hh, Tensor.of(new float[40_000], 1, 40_000)), Map.of(), "parameters, but");
    assertRefused(
        Map.of("embedding.weight", Tensor.of(new float[1])), Map.of(), "'embedding.weight'", "[]");
  }

  @Test
  void aModelWhoseTrainingDivergedIsRefused() throws IOException {
    assertRefused(
        Map.of("fc.bias", Tensor.of(new float[] {0, Float.NaN, 0}, 3)),
        Map.of(),
        "holds NaN in 'fc.bias'",
        "lower learning rate");
  }

  @Test
  void drawsFollowTheirProbabilities() {
    float[] logits = {0, (float) StrictMath.log(3)};
    var random = Initializer.random(5);
    int ones = 0;
    int colder = 0;
    for (int i = 0; i < 4000; i++) {
      ones += CharModel.draw(logits, 1, random);
      colder += CharModel.draw(logits, .1, random);
    }
    assertThat(ones).isBetween(2900, 3100);
    assertThat(colder).isGreaterThan(3990);
  }
}
