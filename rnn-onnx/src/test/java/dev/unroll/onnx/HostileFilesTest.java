package dev.unroll.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.unroll.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds, the answer is a result or one sentence. */
class HostileFilesTest {
  @TempDir private Path folder;

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("a.onnx"), bytes);
  }

  private void refused(ModelProto model, String... messages) throws IOException {
    Path file = write(model.toByteArray());
    assertThatIOException()
        .isThrownBy(() -> OnnxModel.load(file))
        .withMessageStartingWith("'" + file + "': ")
        .withMessageEndingWith(".")
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  private void refusedAtRun(GraphWriter graph, Map<String, Tensor> inputs, String... messages) {
    OnnxModel model = OnnxModel.of(graph.model("hostile"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.run(inputs))
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    Path none = folder.resolve("none.onnx");
    assertThatIOException()
        .isThrownBy(() -> OnnxModel.load(none))
        .withMessage("There is no file '" + none + "'.");
    Path text = write("hello, world".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThatIOException()
        .isThrownBy(() -> OnnxModel.load(text))
        .withMessageContaining("is not an ONNX model, or is cut short");
    refused(ModelProto.getDefaultInstance(), "it is no ONNX model");
  }

  @Test
  void olderOpsetsAreRefused() throws IOException {
    ModelProto model = new GraphWriter().model("old");
    ModelProto old =
        model.toBuilder()
            .setOpsetImport(0, model.getOpsetImport(0).toBuilder().setVersion(13))
            .build();
    refused(old, "opset 13", "14 or later is needed", "opset_version=17");
    Path file = write(old.toByteArray());
    assertThatIOException()
        .isThrownBy(() -> OnnxImport.recurrent(file))
        .withMessageContaining("opset 13");
  }

  @Test
  void anOutputNeedsAName() throws IOException {
    ModelProto model = new GraphWriter().model("nameless");
    refused(
        model.toBuilder()
            .setGraph(model.getGraph().toBuilder().addOutput(ValueInfoProto.getDefaultInstance()))
            .build(),
        "the graph has an output without a name");
  }

  @Test
  void otherOperatorsAreNamed() throws IOException {
    GraphWriter graph = new GraphWriter();
    graph.node("Conv", "out", List.of(), graph.input("x", DataType.FLOAT, "T"));
    refused(graph.model("conv"), "node 'out' (Conv)", "supported are Add,", "LSTM");
  }

  private static ModelProto withInitializer(UnaryOperator<TensorProto.Builder> change) {
    GraphWriter graph = new GraphWriter();
    graph.constant("w", new float[] {1, 2, 3, 4}, 2, 2);
    graph.node("Add", "out", List.of(), "w", graph.input("x", DataType.FLOAT, "T"));
    ModelProto.Builder model = graph.model("tensor").toBuilder();
    TensorProto.Builder tensor = model.getGraph().getInitializer(0).toBuilder();
    model.getGraphBuilder().setInitializer(0, change.apply(tensor));
    return model.build();
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 'has 16 bytes of data, but needs 24'",
    "-2, 2, each dimension must be 0 to 2147483647",
    "65536, 65536, more than a Java array holds",
    "4611686018427387904, 4, each dimension must be 0 to 2147483647",
    "2147483647, 2147483647, more than a Java array holds",
    "0, 4, 'has 16 bytes of data, but needs 0'",
  })
  void tensorsMustFillTheirShape(long first, long second, String message) throws IOException {
    refused(
        withInitializer(tensor -> tensor.setDims(0, first).setDims(1, second)),
        "the initializer 'w'",
        message);
  }

  @Test
  void tensorsOfOtherTypesOrInOtherFilesAreRefused() throws IOException {
    refused(
        withInitializer(tensor -> tensor.setDataType(DataType.STRING_VALUE)),
        "'w' has the element type STRING");
    refused(withInitializer(tensor -> tensor.setDataType(99)), "'w' has the element type 99");
    refused(
        withInitializer(
            tensor ->
                tensor
                    .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                    .addExternalData(
                        StringStringEntryProto.newBuilder()
                            .setKey("location")
                            .setValue("../../secret"))),
        "'w' lies in a file beside the model, which is not read");
    refused(
        withInitializer(tensor -> tensor.addAllDims(java.util.Collections.nCopies(40, 1L))),
        "42 dimensions");
  }

  @Test
  void cyclesAndDoubleNamesAreRefused() throws IOException {
    GraphWriter cycle = new GraphWriter();
    cycle.node("Identity", "a", List.of(), "b");
    cycle.node("Identity", "b", List.of(), "a");
    cycle.output("a", "T");
    refused(cycle.model("cycle"), "node 'a' (Identity) needs 'b'", "has a cycle");
    GraphWriter self = new GraphWriter();
    self.node("Identity", "a", List.of(), "a");
    refused(self.model("self"), "node 'a' (Identity) needs 'a'");
    GraphWriter twice = new GraphWriter();
    String x = twice.input("x", DataType.FLOAT, "T");
    twice.node("Identity", "a", List.of(), x);
    twice.node("Identity", "a", List.of(), x);
    refused(twice.model("twice"), "the name 'a' is given to two values");
    GraphWriter missing = new GraphWriter();
    missing.output("nothing", "T");
    refused(missing.model("missing"), "the graph's output needs 'nothing'");
  }

  @Test
  void aLongChainOfConstantsIsComputed() throws IOException {
    GraphWriter graph = new GraphWriter();
    String last = graph.constant("c", new float[] {3}, 1);
    for (int i = 0; i < 20_000; i++) {
      last = graph.node("Identity", "n" + i, List.of(), last);
    }
    graph.output(last, 1);
    Path file = write(graph.model("chain").toByteArray());
    assertThat(OnnxModel.load(file).run(Map.of()).values())
        .singleElement()
        .satisfies(tensor -> assertThat(tensor.floats()).containsExactly(3));
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 40, Integer.MAX_VALUE, -1})
  void giantShapesAreRefusedBeforeAnythingIsAllocated(long size) {
    GraphWriter graph = new GraphWriter();
    String shape = graph.input("shape", DataType.INT64, 2);
    graph.node("ConstantOfShape", "out", List.of(), shape);
    graph.output("out", "m", "n");
    refusedAtRun(
        graph, Map.of("shape", Tensor.of(new long[] {size, 8}, 2)), "node 'out' (ConstantOfShape)");
  }

  @Test
  void smallInputsCannotMakeGiantOutputs() {
    GraphWriter product = new GraphWriter();
    String x = product.input("x", DataType.FLOAT, "n", 1);
    String y = product.input("y", DataType.FLOAT, 1, "n");
    product.node("MatMul", "out", List.of(), x, y);
    product.output("out", "m", "n");
    int n = 1 << 17;
    refusedAtRun(
        product,
        Map.of("x", Tensor.of(new float[n], n, 1), "y", Tensor.of(new float[n], 1, n)),
        "node 'out' (MatMul) needs");
    // A long batch of one unit: states are padded to 64 columns.
    GraphWriter wide = new GraphWriter();
    wide.input("X", DataType.FLOAT, "T", "B", 1);
    wide.constant("W", new float[1], 1, 1, 1);
    wide.constant("R", new float[1], 1, 1, 1);
    wide.node("RNN", "Y", List.of(), "X", "W", "R");
    wide.output("Y", "T", "D", "B", "H");
    int batch = 1 << 24;
    refusedAtRun(wide, Map.of("X", Tensor.of(new float[batch], 1, batch, 1)), "(RNN) needs");
  }

  @Test
  void whatARunMakesAddsUp() {
    Memory memory = Memory.of(100);
    assertThat(memory.floats(10)).hasSize(10);
    assertThat(memory.longs(7)).hasSize(7);
    assertThat(memory.floats(1)).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> memory.floats(1))
        .withMessageContaining("needs 1 elements of 4 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> Memory.of(8).floats(Long.MAX_VALUE));
  }

  @Test
  void inputsThatDoNotFitAreNamed() {
    GraphWriter graph = new GraphWriter();
    graph.node("Identity", "out", List.of(), graph.input("x", DataType.FLOAT, "T", 3));
    graph.output("out", "T", 3);
    refusedAtRun(graph, Map.of(), "Input 'x' is missing");
    refusedAtRun(graph, Map.of("z", Tensor.of(new float[1])), "has no input 'z'", "[x]");
    refusedAtRun(
        graph,
        Map.of("x", Tensor.of(new float[4], 2, 2)),
        "Input 'x' is F32[2, 2], but the model needs F32[-1, 3]");
    refusedAtRun(graph, Map.of("x", Tensor.of(new long[3], 1, 3)), "Input 'x' is I64[1, 3]");
  }
}
