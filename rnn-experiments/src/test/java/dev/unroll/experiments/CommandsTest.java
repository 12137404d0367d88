package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command lines refuse, before any work. */
class CommandsTest {
  @TempDir private Path root;

  /** Runs a command that must fail; its message. */
  private static String refused(String... args) {
    StringWriter error = new StringWriter();
    assertThat(Main.commandLine().setErr(new PrintWriter(error)).execute(args)).isEqualTo(1);
    assertThat(error.toString().strip()).doesNotContain("\n");
    return error.toString();
  }

  @Test
  void charLmRefusesFilesItCannotUseBeforeItTrains() throws IOException {
    String out = root.resolve("out").toString();
    Path text = Files.writeString(root.resolve("text.txt"), "hello world, ".repeat(200));
    String inFile = text.resolve("model.safetensors").toString();
    String[] small = {
      "char-lm",
      "--out",
      out,
      "--quick",
      "--steps",
      "1",
      "--text",
      text.toString(),
      "--save",
      inFile
    };
    assertThat(refused(small)).contains(inFile, "cannot be written", "text.txt is no folder");
    assertThat(refused("char-lm", "--out", out, "--text", "")).contains("--text is empty");
    assertThat(refused("char-lm", "--out", out, "--init_from", "")).contains("--init_from is");
    assertThat(refused("char-lm", "--out", out, "--save", "")).contains("--save is empty");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void aTypoIsAnsweredWithWhatWasMeant() {
    assertThat(refused("run", "copy-frist")).contains("'copy-frist': did you mean copy-first?");
    assertThat(refused("run", "copy-first", "hiden_size=3")).contains("did you mean hidden_size?");
    assertThat(refused("run", "zzz")).contains("'zzz'; there are exact, ");
  }

  @Test
  void whatCannotFitIsRefusedBeforeItStarts() {
    String out = root.resolve("out").toString();
    assertThat(refused("run", "copy-first", "hidden_size=1e9", "--out", out))
        .contains("an array of");
    assertThat(refused("run", "copy-first", "lengths=2147483647", "--out", out)).contains("array");
    assertThat(refused("run", "exact", "--seeds", "2147483647", "--out", out)).contains("too many");
    assertThat(refused("char-lm", "--rnn_size", "2147483647", "--out", out))
        .contains("an array of");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void theListOfCommandsHasWholeSentences() {
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!name.equals("help")) { // picocli's own
                assertThat(command.getCommandSpec().usageMessage().description()[0])
                    .as(name)
                    .matches("[A-Z].*\\.");
              }
            });
  }

  @Test
  void aReferenceIsOnlyWrittenOnRequest() {
    assertThat(refused("run", "exact", "--out", "results/reference/experiments"))
        .contains("give --reference");
  }

  @Test
  void sampleTellsAFolderFromAMissingFile() {
    assertThat(refused("sample", "--model", root.toString())).contains("is a folder");
    assertThat(refused("sample", "--model", ".")).contains("'.' is a folder");
    assertThat(refused("sample", "--model", root.resolve("none").toString()))
        .contains("does not exist");
  }
}
