package dev.unroll.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's own outputs, gradients and training traces; and that the verifier sees an error. */
@Tag("widths")
class GoldenTest {
  @TempDir Path folder;

  private static Path golden() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden")).toURI());
  }

  static List<Path> files() throws IOException, URISyntaxException {
    return GoldenVerifier.files(golden());
  }

  @Test
  void thereAreAtLeast37Files() throws IOException, URISyntaxException {
    assertThat(files()).hasSizeGreaterThanOrEqualTo(37);
  }

  @ParameterizedTest
  @MethodSource("files")
  void matchesPyTorch(Path file) {
    Verdict verdict = GoldenVerifier.verify(file);
    assertThat(verdict.complaints()).as(verdict.toString()).isEmpty();
    assertThat(verdict.errors()).isNotEmpty();
  }

  private String run(Path path, int code) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertThat(GoldenVerifier.run(path, out)).isEqualTo(code);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private Safetensors read(String name) throws IOException, URISyntaxException {
    return Safetensors.read(golden().resolve(name + ".safetensors"));
  }

  private void write(String name, Safetensors file, Map<String, Tensor> changed)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(file.tensors());
    tensors.putAll(changed);
    new Safetensors(tensors, file.metadata()).write(folder.resolve(name + ".safetensors"));
  }

  /** The tensor with one element moved by a part of its largest magnitude. */
  private static Tensor moved(Tensor tensor, int index, double by) {
    double[] values = tensor.doubles();
    values[index] += by * Arrays.stream(values).map(Math::abs).max().orElseThrow();
    return Tensor.of(values, tensor.shape().stream().mapToInt(Integer::intValue).toArray());
  }

  @Test
  void everyComparedTensorIsHeldToItsTolerance() throws IOException, URISyntaxException {
    for (String name : List.of("lstm_projection", "gru_two_layers_bidirectional")) {
      Safetensors file = read(name);
      for (String key : file.tensors().keySet()) {
        if (key.startsWith("grad.") || List.of("y", "h_n", "c_n").contains(key)) {
          Tensor tensor = file.tensor(key);
          write("moved", file, Map.of(key, moved(tensor, tensor.size() - 1, 3e-5)));
          Verdict verdict = GoldenVerifier.verify(folder.resolve("moved.safetensors"));
          assertThat(verdict.complaints()).as(key).hasSize(1);
          assertThat(verdict.complaints().get(0)).startsWith(key + " is off by");
        }
      }
    }
    Safetensors file = read("train_gru_adam");
    for (String key : file.tensors().keySet()) {
      if (key.startsWith("final.") || key.equals("losses") || key.startsWith("grad_norms")) {
        Tensor tensor = file.tensor(key);
        write("moved", file, Map.of(key, moved(tensor, tensor.size() - 1, 5e-3)));
        Verdict verdict = GoldenVerifier.verify(folder.resolve("moved.safetensors"));
        assertThat(verdict.passed()).as(key).isFalse();
      }
    }
  }

  @Test
  void notANumberFails() throws IOException, URISyntaxException {
    write("nan", read("rnn_tiny"), Map.of("x", Tensor.of(new float[18], 3, 2, 3)));
    assertThat(GoldenVerifier.verify(folder.resolve("nan.safetensors")).passed()).isFalse();
    float[] x = new float[18];
    Arrays.fill(x, Float.NaN);
    write("nan", read("rnn_tiny"), Map.of("x", Tensor.of(x, 3, 2, 3)));
    assertThat(GoldenVerifier.verify(folder.resolve("nan.safetensors")).passed()).isFalse();
  }

  @Test
  void brokenFilesFailWithoutStoppingTheOthers() throws IOException, URISyntaxException {
    write("b_good", read("lstm_tiny"), Map.of());
    Files.writeString(folder.resolve("a_broken.safetensors"), "not a tensor in sight");
    new Safetensors(Map.of("z", Tensor.of(new float[1], 1)), Map.of())
        .write(folder.resolve("c_strange.safetensors"));
    Files.writeString(folder.resolve("ignored.txt"), "");
    List<String> lines = run(folder, GoldenVerifier.FAILED).lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("a_broken ").contains(" FAIL ").contains("header");
    assertThat(lines.get(1)).startsWith("b_good ").contains(" pass  outputs ");
    assertThat(lines.get(2)).startsWith("c_strange ").contains("neither x");
    assertThat(lines.get(3)).isEqualTo("3 files: 1 passed, 2 failed");
  }

  @Test
  void anEmptyOrMissingFolderIsNotASuccess() {
    assertThat(run(folder, GoldenVerifier.NOTHING)).contains("holds no .safetensors file");
    assertThat(run(folder.resolve("absent"), GoldenVerifier.NOTHING)).contains("cannot be read");
  }

  /** A trace made with an unusual learning rate: stated in the metadata, or found. */
  @Test
  void settingsAreReadFromMetadataOrSearched() throws IOException, URISyntaxException {
    Safetensors file = read("train_lstm_sgd");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put("lr", "0.25");
    metadata.put("something", "else");
    new Safetensors(file.tensors(), metadata).write(folder.resolve("a.safetensors"));
    assertThat(run(folder, GoldenVerifier.FAILED)).contains("losses is off by");
    metadata.put("lr", "0.5");
    new Safetensors(file.tensors(), metadata).write(folder.resolve("a.safetensors"));
    run(folder, GoldenVerifier.PASSED);
    metadata.remove("lr");
    metadata.put("optimizer", "momentum");
    metadata.put("momentum", "0");
    new Safetensors(file.tensors(), metadata).write(folder.resolve("a.safetensors"));
    assertThat(run(folder, GoldenVerifier.PASSED)).contains("(lr 0.5, weight_decay 0.0 found)");
  }
}
