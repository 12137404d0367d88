package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Builds a graph, node after node. A name of a value is also that of the node that makes it. */
final class GraphWriter {
  /** The oldest opset with the operators as they are; ONNX Runtime has it since 1.7. */
  private static final int OPSET = OnnxFile.OLDEST_OPSET;

  /** The version of the file format that came with this opset. */
  private static final int IR_VERSION = 7;

  private final GraphProto.Builder graph = GraphProto.newBuilder();

  /** {@return the name of a constant of floats} */
  String constant(String name, float[] values, long... shape) {
    graph.addInitializer(Tensors.write(name, values, shape));
    return name;
  }

  /** {@return the name of a constant list of integers} */
  String constant(String name, long... values) {
    graph.addInitializer(Tensors.write(name, values));
    return name;
  }

  /** {@return the name of a constant integer without dimensions} */
  String scalar(String name, long value) {
    graph.addInitializer(Tensors.write(name, new long[] {value}).toBuilder().clearDims());
    return name;
  }

  /** {@return the name of an input; a dimension is a number, or the name of one that is open} */
  String input(String name, DataType type, Object... shape) {
    graph.addInput(info(name, type, shape));
    return name;
  }

  void output(String name, Object... shape) {
    graph.addOutput(info(name, DataType.FLOAT, shape));
  }

  private static ValueInfoProto info(String name, DataType type, Object... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (Object size : shape) {
      TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
      if (size instanceof String open) {
        dimension.setDimParam(open);
      } else {
        dimension.setDimValue(((Number) size).longValue());
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(dimensions).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** {@return the name of what a node of one output makes} */
  String node(String operator, String name, List<AttributeProto> attributes, String... inputs) {
    return node(operator, List.of(name), attributes, inputs);
  }

  /** {@return the name of what a node makes first} */
  String node(
      String operator, List<String> outputs, List<AttributeProto> attributes, String... inputs) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(outputs.getFirst())
            .addAllInput(Arrays.asList(inputs))
            .addAllOutput(outputs)
            .addAllAttribute(attributes));
    return outputs.getFirst();
  }

  static AttributeProto attribute(String name, long value) {
    return attribute(name, AttributeType.INT).setI(value).build();
  }

  static AttributeProto attribute(String name, String value) {
    return attribute(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
  }

  static AttributeProto attribute(String name, List<Long> values) {
    return attribute(name, AttributeType.INTS).addAllInts(values).build();
  }

  /** {@return an attribute that states a text some times over} */
  static AttributeProto attribute(String name, String value, int times) {
    return attribute(name, AttributeType.STRINGS)
        .addAllStrings(Collections.nCopies(times, ByteString.copyFromUtf8(value)))
        .build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  ModelProto model(String name) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("unroll")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph.setName(name))
        .build();
  }
}
