package dev.unroll.conventions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No tracked text file depends on one machine's folders or names a package registry. */
class PortabilityTest {
  /** Split in two where the pattern would otherwise find itself. */
  private static final Pattern UNPORTABLE =
      Pattern.compile(
          "(?<![\\w.~/${}-])/(?:root|work|home|Users)"
              + "/\\w"
              + "|repo1?\\.maven\\.|central\\.sonatype\\.|registry\\.npmjs\\.|pypi\\.org");

  @Test
  void noFileNamesAMachinesFoldersOrARegistry() throws IOException, InterruptedException {
    Path root = Sources.root();
    assumeTrue(Files.exists(root.resolve(".git")), "not a git checkout");
    List<String> found = new ArrayList<>();
    int read = 0;
    for (String name : tracked(root)) {
      Path file = root.resolve(name);
      if (!Files.isRegularFile(file)) {
        continue; // deleted, not committed yet
      }
      String text;
      try {
        text = Files.readString(file);
      } catch (CharacterCodingException e) {
        continue; // not text
      }
      read++;
      UNPORTABLE.matcher(text).results().forEach(match -> found.add(name + ": " + match.group()));
    }
    assertThat(read).as("text files looked at").isGreaterThan(20);
    assertThat(found).as("machine paths and registry hosts").isEmpty();
  }

  private static List<String> tracked(Path root) throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "ls-files", "-z")
            .directory(root.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(git.waitFor() == 0, "git cannot list the files");
    return names.isEmpty() ? List.of() : List.of(names.split("\0"));
  }
}
