package dev.unroll.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.run.WeightFormat;
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
import org.junit.jupiter.params.provider.CsvSource;
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
  void thereAreAtLeast64Files() throws IOException, URISyntaxException {
    assertThat(files()).hasSizeGreaterThanOrEqualTo(64);
  }

  @ParameterizedTest
  @MethodSource("files")
  void matchesPyTorch(Path file) {
    Verdict verdict = GoldenVerifier.verify(file);
    assertThat(verdict.complaints()).as(verdict.toString()).isEmpty();
    assertThat(verdict.errors()).isNotEmpty();
  }

  static List<Path> layers() throws IOException, URISyntaxException {
    return files().stream().filter(file -> !file.toString().contains("train_")).toList();
  }

  /** Outputs of rounded weights are off by this much of the largest output, not more. */
  @ParameterizedTest
  @MethodSource("layers")
  void roundedWeightsAreCloseToPyTorch(Path file) throws IOException {
    Safetensors golden = Safetensors.read(file);
    assertThat(LayerCase.outputError(golden, WeightFormat.F32)).isLessThan(1e-5);
    assertThat(LayerCase.outputError(golden, WeightFormat.BF16)).isBetween(1e-5, .01);
    assertThat(LayerCase.outputError(golden, WeightFormat.INT8)).isBetween(1e-5, .02);
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
    for (String name :
        List.of(
            "lstm_projection",
            "gru_two_layers_bidirectional",
            "para_lstm_odd",
            "lru_tiny",
            "delta_product2_odd",
            "slstm_tiny")) {
      Safetensors file = read(name);
      for (String key : file.tensors().keySet()) {
        if (key.startsWith("grad.") || key.equals("y") || key.matches("[a-zA-Z]_n")) {
          Tensor tensor = file.tensor(key);
          write("moved", file, Map.of(key, moved(tensor, tensor.size() - 1, 3e-5)));
          Verdict verdict = GoldenVerifier.verify(folder.resolve("moved.safetensors"));
          assertThat(verdict.complaints()).as(key).hasSize(1);
          assertThat(verdict.complaints().getFirst()).matches(key + "(_l0)? is off by.*");
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

  /** The form of one layer has its sizes in the metadata, which may lie. */
  @ParameterizedTest
  @CsvSource({
    "hidden_size, 0, a whole number of at least 1",
    "hidden_size, 2.5, a whole number",
    "hidden_size, 5, a state of 5 were expected",
    "hidden_size, 2000000000, parameters",
    "heads, 2, has none",
    "key, 3, has no keys",
    "cell, para_gruu, No cell is named 'para_gruu'",
  })
  void sizesThatDoNotFitAreNamed(String key, String value, String complaint)
      throws IOException, URISyntaxException {
    Safetensors file = read("para_gru_tiny");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put(key, value);
    new Safetensors(file.tensors(), metadata).write(folder.resolve("small.safetensors"));
    Verdict verdict = GoldenVerifier.verify(folder.resolve("small.safetensors"));
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.complaints().getFirst()).contains(complaint);
  }

  @ParameterizedTest
  @CsvSource({"householder, 1, has 2", "reach, 1, has 2", "value, 3, were expected"})
  void theCellOfAFileIsTheOneNamed(String key, String value, String complaint)
      throws IOException, URISyntaxException {
    Safetensors file = read("delta_product2_tiny");
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put(key, value);
    new Safetensors(file.tensors(), metadata).write(folder.resolve("small.safetensors"));
    Verdict verdict = GoldenVerifier.verify(folder.resolve("small.safetensors"));
    assertThat(verdict.complaints().getFirst()).contains(complaint);
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

  private static Map<String, Tensor> zeros(Object... namesAndShapes) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < namesAndShapes.length; i += 2) {
      int[] shape = (int[]) namesAndShapes[i + 1];
      tensors.put(
          (String) namesAndShapes[i],
          Tensor.of(new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)], shape));
    }
    return tensors;
  }

  private static Map<String, Tensor> tinyLayer() {
    return zeros(
        "x", new int[] {1, 1, 1},
        "y", new int[] {1, 1, 1},
        "weight_ih_l0", new int[] {1, 1},
        "weight_hh_l0", new int[] {1, 1});
  }

  private static Map<String, Tensor> tinyTrace() {
    Map<String, Tensor> tensors =
        zeros(
            "init.embedding.weight", new int[] {2, 1},
            "init.rnn.weight_ih_l0", new int[] {1, 1},
            "init.rnn.weight_hh_l0", new int[] {1, 1},
            "init.fc.weight", new int[] {2, 1},
            "init.fc.bias", new int[] {2},
            "losses", new int[] {1},
            "grad_norms_before_clip", new int[] {1});
    tensors.put("tokens", Tensor.of(new long[] {0, 1}, 1, 2, 1));
    return tensors;
  }

  private String complaint(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("small.safetensors");
    new Safetensors(tensors, Map.of("optimizer", "sgd")).write(file);
    Verdict verdict = GoldenVerifier.verify(file);
    assertThat(verdict.passed()).isFalse();
    return verdict.complaints().getFirst();
  }

  /** A dimension of 0 makes the others free: 200 bytes that would order gigabytes. */
  @ParameterizedTest
  @CsvSource({
    "weight_hh_l0, 0 20000",
    "weight_ih_l0, 0 400000000",
    "weight_hr_l0, 0 50000000",
    "x, 0 2147483647 1",
    "x, 1 1",
    "init.fc.weight, 500000000 0",
    "init.embedding.weight, 0 500000000",
    "init.rnn.weight_hh_l0, 0 20000",
  })
  void emptyTensorsOrderNothing(String name, String shape) throws IOException {
    int[] dimensions = Arrays.stream(shape.split(" ")).mapToInt(Integer::parseInt).toArray();
    Map<String, Tensor> tensors = name.startsWith("init.") ? tinyTrace() : tinyLayer();
    tensors.putAll(zeros(name, dimensions));
    assertThat(complaint(tensors))
        .startsWith("Tensor '" + name + "' has shape " + Arrays.toString(dimensions))
        .endsWith("dimensions of at least 1.");
  }

  @Test
  void aFileOrdersNoMoreThanItHoldsAndThePassesNoMoreThanTheLimit() throws IOException {
    Map<String, Tensor> tensors = tinyLayer();
    tensors.putAll(zeros("weight_hh_l0", new int[] {1, 40_000}));
    assertThat(complaint(tensors))
        .contains("a model of 1600040000 parameters, but its tensors have only 40003 elements");
    for (int i = 1; i < 20_000; i++) {
      tensors.putAll(zeros("weight_ih_l" + i, new int[] {0, 1}));
    }
    tensors.putAll(zeros("weight_hh_l0", new int[] {1, 1}));
    assertThat(complaint(tensors)).contains("a model of 40000 parameters");

    Map<String, Tensor> wide = tinyLayer();
    wide.putAll(zeros("x", new int[] {50_000, 2, 1}));
    wide.putAll(zeros("weight_ih_l0", new int[] {100, 1}));
    wide.putAll(zeros("weight_hh_l0", new int[] {100, 100}));
    assertThat(complaint(wide))
        .contains("of 100 units over 50000 steps of 2 sequences")
        .contains("may order 256 MB");
  }

  @Test
  void tokensOutOfRangeAndTracesWithoutAStepAreNamed() throws IOException {
    Map<String, Tensor> tensors = tinyTrace();
    tensors.put("tokens", Tensor.of(new long[] {0, 1L << 40}, 1, 2, 1));
    assertThat(complaint(tensors))
        .isEqualTo("Tensor 'tokens' holds 1099511627776: 0 to 1 is expected.");
    tensors.put("tokens", Tensor.of(new long[] {0}, 1, 1, 1));
    assertThat(complaint(tensors)).contains("'tokens' has shape [1, 1, 1]");
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
