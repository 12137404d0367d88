package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.cell.Initializer;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
