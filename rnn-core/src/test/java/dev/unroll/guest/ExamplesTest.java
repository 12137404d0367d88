package dev.unroll.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.conventions.Sources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the programs of docs/examples as a guest would: with a JVM of his own and no other flag. */
class ExamplesTest {
  private static final Path FOLDER = Sources.root().resolve("docs/examples");

  @TempDir private Path folder;

  @Test
  void everyExampleRunsAndSaysWhatItShould() throws Exception {
    String model = folder.resolve("model.safetensors").toString();
    assertThat(run("TrainAClassifier", model)).contains("64 of 64 right");
    assertThat(run("LoadAndPredict", model))
        .containsSubsequence("gru gives 192 outputs", "predicted [7, 3]");
    assertThat(run("StreamTokens", model)).contains("after 4 the model says 7");
    assertThat(run("OwnCell")).contains("1408 parameters, 32 outputs");
  }

  @Test
  void theyAreShort() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.filter(file -> file.toString().endsWith(".java")))
          .hasSize(4)
          .allSatisfy(
              file ->
                  assertThat(Sources.read(file).lines()).as(file.toString()).hasSizeLessThan(40));
    }
  }

  private static String run(String program, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                FOLDER.resolve(program + ".java").toString()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", program, output).isZero();
    return output;
  }
}
