package dev.unroll.onnx;

import static dev.unroll.onnx.GraphWriter.attribute;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnxruntime.OrtException;
import dev.unroll.io.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The operators around the recurrent ones, beside ONNX Runtime. */
class OperatorsTest {
  private final List<DynamicTest> tests = new ArrayList<>();

  private static Tensor floats(int... shape) {
    int size = IntStream.of(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i * .5f - 3;
    }
    return Tensor.of(values, shape);
  }

  private static Tensor longs(long... values) {
    return Tensor.of(values, values.length);
  }

  private static AttributeProto number(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  private static GraphWriter graph(
      String operator, List<AttributeProto> attributes, Map<String, Tensor> inputs) {
    GraphWriter graph = new GraphWriter();
    inputs.forEach(
        (name, tensor) ->
            graph.input(
                name,
                tensor.type() == Tensor.Type.F32 ? DataType.FLOAT : DataType.INT64,
                tensor.shape().toArray()));
    graph.node(operator, "out", attributes, inputs.keySet().toArray(String[]::new));
    graph.output("out");
    return graph;
  }

  private static Map<String, Tensor> named(Tensor... inputs) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (Tensor input : inputs) {
      named.put("in" + named.size(), input);
    }
    return named;
  }

  private void same(String operator, List<AttributeProto> attributes, Tensor... inputs) {
    String what = operator + attributes.stream().map(AttributeProto::getName).toList();
    for (Tensor input : inputs) {
      what += " " + input.type() + input.shape();
    }
    tests.add(DynamicTest.dynamicTest(what, () -> compare(operator, attributes, named(inputs))));
  }

  private static void compare(
      String operator, List<AttributeProto> attributes, Map<String, Tensor> inputs)
      throws OrtException {
    var model = graph(operator, attributes, inputs).model("one").toBuilder();
    // The output's type and shape are the runtime's to find.
    model.getGraphBuilder().getOutputBuilder(0).clearType();
    Tensor theirs = requireNonNull(Ort.run(model.build().toByteArray(), inputs).get("out"));
    Tensor ours = requireNonNull(OnnxModel.of(model.build()).run(inputs).get("out"));
    assertThat(ours.type()).isEqualTo(theirs.type());
    assertThat(ours.shape()).isEqualTo(theirs.shape());
    if (ours.type().isFloatingPoint()) {
      assertThat(ours.floats()).containsExactly(theirs.floats(), within(1e-4f));
    } else {
      assertThat(ours.longs()).containsExactly(theirs.longs());
    }
  }

  @TestFactory
  List<DynamicTest> theyComputeWhatOnnxRuntimeDoes() {
    List<AttributeProto> none = List.of();
    same("Add", none, floats(2, 3, 4), floats(3, 1));
    same("Add", none, longs(1, 2, 3), longs(5));
    same("Cast", List.of(attribute("to", DataType.INT64.getNumber())), floats(2, 3));
    same("Cast", List.of(attribute("to", DataType.FLOAT.getNumber())), longs(2, -3));
    same("Concat", List.of(attribute("axis", 1)), floats(2, 3, 2), floats(2, 1, 2));
    same("Concat", List.of(attribute("axis", -1)), floats(2, 3), floats(2, 2), floats(2, 0));
    same("ConstantOfShape", none, longs(2, 0, 3));
    same("ConstantOfShape", none, longs(2, 3));
    same("Expand", none, floats(3, 1), longs(2, 1, 4));
    same("Expand", none, floats(3, 4), longs(1));
    same("Gather", none, floats(4, 3), Tensor.of(new long[] {0, -1, 2, 2}, 2, 2));
    same("Gather", List.of(attribute("axis", 1)), floats(2, 3, 2), longs(2, 0));
    same("Gather", List.of(attribute("axis", -1)), floats(2, 3), Tensor.of(new long[] {1}));
    same("Gemm", none, floats(2, 3), floats(3, 4), floats(4));
    same("Gemm", List.of(attribute("transB", 1)), floats(2, 3), floats(4, 3), floats(1, 4));
    same("Gemm", List.of(attribute("transA", 1)), floats(3, 2), floats(3, 4), floats(2, 1));
    same(
        "Gemm",
        List.of(number("alpha", .5f), number("beta", 2)),
        floats(2, 3),
        floats(3, 4),
        floats(2, 4));
    same("Gemm", List.of(number("alpha", 2)), floats(2, 3), floats(3, 1), floats(1));
    same("Gemm", none, floats(2, 3), floats(3, 1));
    same("Identity", none, floats(2, 3));
    same("MatMul", none, floats(2, 3, 4), floats(4, 5));
    same("MatMul", none, floats(2, 1, 3, 4), floats(3, 4, 2));
    same("MatMul", none, floats(4), floats(4, 2));
    same("MatMul", none, floats(3, 4), floats(4));
    same("MatMul", none, floats(4), floats(4));
    same("Reshape", none, floats(2, 3, 4), longs(0, -1));
    same("Reshape", none, floats(2, 3, 4), longs(4, 0, 2));
    same("Reshape", List.of(attribute("allowzero", 1)), floats(2, 0), longs(0, 5));
    same("ReverseSequence", axes(0, 1), floats(4, 3, 2), longs(1, 4, 3));
    same("ReverseSequence", axes(1, 0), floats(3, 4), longs(1, 4, 3));
    same("Shape", none, floats(2, 0, 3));
    same("Slice", none, floats(6, 4), longs(1), longs(5));
    same("Slice", none, floats(6, 4), longs(-1, 1), longs(-9, 3), longs(0, 1), longs(-2, 1));
    same("Slice", none, floats(6, 4), longs(0), longs(Long.MAX_VALUE), longs(1), longs(3));
    same("Slice", none, floats(6, 4), longs(4), longs(2), longs(-2), longs(1));
    same("Slice", none, floats(6), longs(-1), longs(Long.MIN_VALUE), longs(0), longs(-1));
    same("Squeeze", none, floats(1, 3, 1));
    same("Squeeze", none, floats(1, 3, 1), longs(-1));
    same("Transpose", none, floats(2, 3, 4));
    same("Transpose", List.of(attribute("perm", List.of(1L, 0L, 2L))), floats(2, 3, 4));
    same("Unsqueeze", none, floats(2, 3), longs(0, -1));
    return tests;
  }

  private static List<AttributeProto> axes(int time, int batch) {
    return List.of(attribute("time_axis", time), attribute("batch_axis", batch));
  }

  private static void refused(
      String message, String operator, List<AttributeProto> attributes, Tensor... inputs) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                OnnxModel.of(graph(operator, attributes, named(inputs)).model("one"))
                    .run(named(inputs)))
        .withMessageContaining("node 'out' (" + operator + ") " + message);
  }

  @Test
  void whatDoesNotFitIsNamed() {
    List<AttributeProto> none = List.of();
    refused("has the shapes [2] and [3]", "Add", none, floats(2), floats(3));
    refused("adds F32[1] and I64[1]", "Add", none, floats(1), longs(1));
    refused("has no attribute axis", "Concat", none, floats(1));
    refused("cannot join", "Concat", List.of(attribute("axis", 0)), floats(1, 2), floats(1, 3));
    refused("names dimension 2", "Concat", List.of(attribute("axis", 2)), floats(1, 2));
    refused("has the index 4", "Gather", none, floats(4), longs(4));
    refused("has F32[1] for its indices", "Gather", none, floats(4), floats(1));
    refused("multiplies F32[2, 3] and F32[2, 3]", "MatMul", none, floats(2, 3), floats(2, 3));
    refused("multiplies F32[2, 3] and F32[2, 3]", "Gemm", none, floats(2, 3), floats(2, 3));
    refused("has the shapes [3] and", "Gemm", none, floats(2, 3), floats(3, 2), floats(3));
    refused("adds F32[2, 2, 2]", "Gemm", none, floats(2, 3), floats(3, 2), floats(2, 2, 2));
    refused("cannot give F32[6] the shape [4, -1]", "Reshape", none, floats(6), longs(4, -1));
    refused("has a step of 0", "Slice", none, floats(6), longs(0), longs(1), longs(0), longs(0));
    refused("must have as many", "Slice", none, floats(6), longs(0), longs(1, 2));
    refused("cannot drop dimension 0", "Squeeze", none, floats(2), longs(0));
    refused(
        "has perm [0, 0]", "Transpose", List.of(attribute("perm", List.of(0L, 0L))), floats(2, 3));
    refused("adds dimension 0 twice", "Unsqueeze", none, floats(2), longs(0, 0));
    refused(
        "has the attribute 'axes', which",
        "Squeeze",
        List.of(attribute("axes", List.of(0L))),
        floats(1));
    refused("has 1 inputs, of which one", "Add", none, floats(1));
    refused("has 3 inputs, but takes at most 2", "Add", none, floats(1), floats(1), floats(1));
  }

  @Test
  void aConstantMayHaveAnyOfItsForms() {
    GraphWriter graph = new GraphWriter();
    graph.node("Constant", "f", List.of(number("value_float", 2)));
    graph.node("Constant", "i", List.of(attribute("value_int", 3)));
    graph.node("Constant", "is", List.of(attribute("value_ints", List.of(4L, 5L))));
    List.of("f", "i", "is").forEach(name -> graph.output(name));
    Map<String, Tensor> results = OnnxModel.of(graph.model("constants")).run(Map.of());
    assertThat(requireNonNull(results.get("f")).floats()).containsExactly(2);
    assertThat(requireNonNull(results.get("i")).longs()).containsExactly(3);
    assertThat(requireNonNull(results.get("is")).longs())
        .containsExactly(LongStream.of(4, 5).toArray());
  }
}
