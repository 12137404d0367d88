package dev.unroll.onnx;

import static dev.unroll.onnx.GraphWriter.attribute;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.unroll.io.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cases in the form of ONNX's backend tests. */
class OnnxVerifierTest {
  @TempDir private Path folder;

  private String verify(int code) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertThat(OnnxVerifier.run(folder, out)).isEqualTo(code);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private Path model(String name, ModelProto model) throws IOException {
    Path set = Files.createDirectories(folder.resolve(name).resolve("test_data_set_0"));
    Files.write(folder.resolve(name).resolve("model.onnx"), model.toByteArray());
    return set;
  }

  private static void tensor(Path file, Tensor tensor, DataType type) throws IOException {
    TensorProto.Builder proto = TensorProto.newBuilder().setDataType(type.getNumber());
    tensor.shape().forEach(size -> proto.addDims(size));
    var bytes =
        java.nio.ByteBuffer.allocate(tensor.size() * tensor.type().bytes())
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case FLOAT -> bytes.asFloatBuffer().put(tensor.floats());
      case DOUBLE -> bytes.asDoubleBuffer().put(tensor.doubles());
      case INT32 -> {
        for (long value : tensor.longs()) {
          bytes.putInt((int) value);
        }
      }
      default -> throw new IllegalArgumentException(type.name());
    }
    proto.setRawData(ByteString.copyFrom(bytes.rewind()));
    Files.write(file, proto.build().toByteArray());
  }

  /** A random node as a case, whose expected outputs are the reference's plus an error. */
  private void randomCase(String name, long seed, double error) throws IOException {
    RandomNode random = new RandomNode(seed);
    Path set = model(name, random.model);
    OnnxModel model = OnnxModel.of(random.model);
    for (int k = 0; k < model.inputs().size(); k++) {
      Tensor input = requireNonNull(random.inputs.get(model.inputs().get(k)));
      tensor(
          set.resolve("input_" + k + ".pb"),
          input,
          input.type() == Tensor.Type.F32 ? DataType.FLOAT : DataType.INT32);
    }
    Map<String, Tensor> outputs = model.run(random.inputs);
    for (int k = 0; k < model.outputs().size(); k++) {
      Tensor output = requireNonNull(outputs.get(model.outputs().get(k)));
      float[] values = output.floats();
      values[values.length - 1] += (float) error;
      int[] shape = output.shape().stream().mapToInt(Integer::intValue).toArray();
      tensor(set.resolve("output_" + k + ".pb"), Tensor.of(values, shape), DataType.FLOAT);
    }
  }

  @Test
  void saysOfEachCaseWhetherItPassedFailedOrWasSkipped() throws IOException {
    for (int seed = 0; seed < 12; seed++) {
      randomCase("any_name_" + seed, seed, 0);
    }
    GraphWriter plain = new GraphWriter();
    plain.node("Softmax", "out", List.of(), plain.input("x", DataType.FLOAT, 1));
    model("no_recurrent", plain.model("plain"));
    assertThat(verify(OnnxVerifier.PASSED))
        .contains("pass any_name_0: largest difference")
        .endsWith(
            "12 cases: 12 passed, 0 failed, 0 skipped; 1 without a recurrent operator passed"
                + " over\n");

    GraphWriter unsupported = new GraphWriter();
    String x = unsupported.input("x", DataType.FLOAT, 1, 1, 1);
    unsupported.node("RNN", "Y", List.of(attribute("hidden_size", 1)), x, x, x);
    unsupported.node("Softmax", "out", List.of(), "Y");
    model("z_skip", unsupported.model("unsupported"));
    assertThat(verify(OnnxVerifier.PASSED))
        .contains(
            "skip z_skip: ",
            "node 'out' (Softmax) cannot be run",
            "12 passed, 0 failed, 1 skipped");

    randomCase("wrong", 3, 1e-2);
    assertThat(verify(OnnxVerifier.FAILED))
        .contains("FAIL wrong: output", "is expected", "1 failed");
  }

  @Test
  void aCaseWithAnUnknownActivationOrWithoutDataFails() throws IOException {
    GraphWriter graph = new GraphWriter();
    String x = graph.input("x", DataType.FLOAT, 1, 1, 1);
    graph.node("RNN", "Y", List.of(attribute("activations", "Softplus", 1)), x, x, x);
    model("activation", graph.model("activation"));
    GraphWriter plain = new GraphWriter();
    plain.input("x", DataType.FLOAT, 1, 1, 1);
    plain.node("RNN", "Y", List.of(), x, x, x);
    Files.delete(model("empty", plain.model("empty")));
    assertThat(verify(OnnxVerifier.FAILED))
        .contains(
            "FAIL activation: ",
            "has the activation 'Softplus', which is not supported; supported are Tanh, Sigmoid and"
                + " Relu",
            "FAIL empty: it has no folder test_data_set_0");
  }

  @Test
  void aFolderWithoutCasesFails() {
    assertThat(verify(OnnxVerifier.FAILED)).contains("holds no case with a recurrent operator");
  }

  @Test
  void doublesAreComputedAsFloatsAndComeBackAsDoubles() throws IOException {
    GraphWriter graph = new GraphWriter();
    String x = graph.input("x", DataType.DOUBLE, 1, 1, 1);
    graph.node("RNN", "Y", List.of(), x, x, x);
    graph.output("Y", 1, 1, 1, 1);
    Path set = model("double", graph.model("double"));
    tensor(set.resolve("input_0.pb"), Tensor.of(new double[] {.5}, 1, 1, 1), DataType.DOUBLE);
    tensor(
        set.resolve("output_0.pb"),
        Tensor.of(new double[] {Math.tanh(.25)}, 1, 1, 1, 1),
        DataType.DOUBLE);
    assertThat(verify(OnnxVerifier.PASSED))
        .contains("input 'x' is F64, but is computed with as floats");
  }
}
