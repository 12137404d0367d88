package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir private Path folder;

  private static void assertSentence(ThrowingCallable load, String... parts) {
    var problem = assertThatThrownBy(load).isInstanceOf(InputException.class);
    for (String part : parts) {
      problem.hasMessageContaining(part);
    }
    problem.hasMessageNotContaining("\n");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("text.txt"), text);
  }

  @Test
  void unusableTextsAreNamedInOneSentence() throws IOException {
    assertSentence(() -> Corpus.ofFile(folder), "is a folder");
    assertSentence(() -> Corpus.ofFile(folder.resolve("none.txt")), "none.txt", "does not exist");
    Path empty = file("");
    assertSentence(() -> Corpus.ofFile(empty), "text.txt", "is empty");
    Path one = file("aaaa");
    assertSentence(() -> Corpus.ofFile(one), "only the character 'a'");
    Path latin = folder.resolve("latin1.txt");
    Files.write(latin, "ab\u00e9d".getBytes(StandardCharsets.ISO_8859_1));
    assertSentence(() -> Corpus.ofFile(latin), "not UTF-8", "byte 2 is 0xE9", "iconv");
  }

  @Test
  void aTextShorterThanTheSequenceSaysHowMuchIsNeeded() {
    assertSentence(
        () -> new Streams("short.txt", new int[64], 8, 8), "64 characters", "at least 65");
    assertThat(new Streams("long.txt", new int[65], 8, 8).windows()).isEqualTo(1);
  }

  @Test
  void charactersBeyondTheBasicPlaneAreOneToken() throws IOException {
    Corpus corpus = Corpus.ofFile(file("a\uD83D\uDE00b\uD83D\uDE00"));
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    assertThat(vocabulary.size()).isEqualTo(3);
    int[] tokens = vocabulary.encode("text", corpus.text());
    assertThat(tokens).containsExactly(0, 2, 1, 2);
    assertThat(vocabulary.decode(tokens)).isEqualTo(corpus.text());
    assertThat(Vocabulary.of(vocabulary.characters()).encode("text", "b")).containsExactly(1);
    assertSentence(() -> vocabulary.encode("--prime", "c"), "--prime", "'c'", "U+0063");
  }

  @Test
  void theJdksSourcesAreTheSameTextEachTime() throws IOException {
    assumeTrue(
        Files.exists(Path.of(System.getProperty("java.home"), "lib", "src.zip")),
        "this JDK has no sources");
    Corpus corpus = Corpus.ofJdkSources(5000);
    assertThat(corpus.text()).hasSize(5000).contains("package java.util;");
    assertThat(Corpus.ofJdkSources(5000).sha256()).isEqualTo(corpus.sha256());
  }

  @Test
  void streamsGoOnWhereTheyStoppedAndBeginAgain() {
    int[] text = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    Streams streams = new Streams("text", text, 2, 2);
    assertThat(streams.windows()).isEqualTo(2);
    assertThat(streams.next()).isTrue();
    assertThat(streams.tokens()).containsExactly(0, 4, 1, 5);
    assertThat(streams.targets()).containsExactly(1, 5, 2, 6);
    assertThat(streams.next()).isFalse();
    assertThat(streams.tokens()).containsExactly(2, 6, 3, 7);
    assertThat(streams.targets()).containsExactly(3, 7, 4, 8);
    assertThat(streams.next()).isTrue();
  }

  @Test
  void aTextThatMemoryCannotHoldIsRefused() {
    Path file = Path.of("big.txt");
    assertThatCode(() -> Corpus.requireFits(file, 1 << 20, 8 << 20)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Corpus.requireFits(file, 2 << 20, 8 << 20))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("big.txt has 2 MB, too much for the 8 MB of memory");
    assertThatThrownBy(() -> Corpus.requireFits(file, 2L << 30, Long.MAX_VALUE))
        .hasMessageContaining("2048 MB");
  }
}
