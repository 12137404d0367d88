package dev.unroll.bench.peer;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * An ONNX model of one RNN, LSTM or GRU node whose weights are constants, so that the runtime packs
 * them once.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__LSTM.html">the operators' gate orders</a>
 * @see <a
 *     href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">DynamicQuantizeLSTM</a>
 */
final class OnnxNode {
  private static final int OPSET = 14;
  private static final int IR_VERSION = 8;

  /** The name of the input. */
  static final String X = "x";

  static final String MICROSOFT = "com.microsoft";

  /** The inputs between the bias and the scales of DynamicQuantizeLSTM that are not given. */
  private static final List<String> NO_STATES = List.of("", "", "");

  private final Workload workload;

  /** Position g holds which of PyTorch's gates ONNX wants at g: iofc and zrh. */
  private final int[] order;

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final NodeProto.Builder node = NodeProto.newBuilder();

  private OnnxNode(Workload workload, Operands o) {
    this.workload = workload;
    order =
        switch (workload.cell()) {
          case "lstm" -> new int[] {0, 3, 1, 2};
          case "gru" -> new int[] {1, 0, 2};
          default -> new int[] {0};
        };
    int rows = order.length * workload.shape().hiddenSize();
    float[] bias = new float[2 * rows];
    System.arraycopy(reordered(o.biasIh()), 0, bias, 0, rows);
    System.arraycopy(reordered(o.biasHh()), 0, bias, rows, rows);
    graph.setName(workload.cell()).addInitializer(tensor("bias", bias, 1, bias.length));
    boolean plain = workload.cell().startsWith("rnn_");
    node.setOpType(plain ? "RNN" : workload.cell().toUpperCase(Locale.ROOT))
        .addAllInput(List.of(X, "weight_ih", "weight_hh", "bias"))
        .addAttribute(integer("hidden_size", workload.shape().hiddenSize()));
    if (workload.cell().equals("gru")) {
      node.addAttribute(integer("linear_before_reset", 1));
    }
    if (workload.cell().equals("rnn_relu")) {
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName("activations")
              .setType(AttributeProto.AttributeType.STRINGS)
              .addStrings(ByteString.copyFromUtf8("Relu")));
    }
  }

  /** The model: x [T, B, I] to y [T, 1, B, H]. */
  static ModelProto pass(Workload workload, Operands o) {
    OnnxNode layer = new OnnxNode(workload, o);
    layer.floatWeights(o);
    return layer.passes();
  }

  /** The model of an LSTM whose weights are bytes with a scale for each row, inputs as above. */
  static ModelProto passWithBytes(Workload workload, Operands o) {
    OnnxNode layer = new OnnxNode(workload, o);
    layer.node.setOpType("DynamicQuantizeLSTM").setDomain(MICROSOFT).addAllInput(NO_STATES);
    layer.node.addInput(""); // peepholes
    layer.bytes("weight_ih", layer.reordered(o.weightIh()), workload.shape().inputSize());
    layer.bytes("weight_hh", layer.reordered(o.weightHh()), workload.shape().hiddenSize());
    return layer.passes();
  }

  /** The model of one step: x [1, B, I], h_0 and of an LSTM c_0 [1, B, H] to h_n and c_n. */
  static ModelProto step(Workload workload, Operands o) {
    OnnxNode layer = new OnnxNode(workload, o);
    layer.floatWeights(o);
    layer.node.addInput("").addOutput("");
    layer.graph.addInput(value(X, workload.shape().inputSize(), 1, -1));
    List<String> states = workload.cell().equals("lstm") ? List.of("h", "c") : List.of("h");
    for (String state : states) {
      layer.node.addInput(state + "_0").addOutput(state + "_n");
      layer.graph.addInput(value(state + "_0", workload.shape().hiddenSize(), 1, -1));
      layer.graph.addOutput(value(state + "_n", workload.shape().hiddenSize(), 1, -1));
    }
    return layer.model();
  }

  private ModelProto passes() {
    Shape s = workload.shape();
    node.addOutput("y");
    graph.addInput(value(X, s.inputSize(), s.steps(), s.batch()));
    graph.addOutput(value("y", s.hiddenSize(), s.steps(), 1, s.batch()));
    return model();
  }

  private ModelProto model() {
    return model(graph.addNode(node)).build();
  }

  private static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("unroll")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph);
  }

  /** The model of a graph from x [T, B, I] to y [T, B, features]. */
  static ModelProto model(Workload workload, GraphProto.Builder graph, String y) {
    Shape s = workload.shape();
    graph.addInput(value(X, s.inputSize(), s.steps(), s.batch()));
    graph.addOutput(value(y, workload.outputs(), s.steps(), s.batch()));
    return model(graph).build();
  }

  /** A value of floats whose shape is left open. */
  static ValueInfoProto floats(String name) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber());
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private void floatWeights(Operands o) {
    Shape s = workload.shape();
    int rows = order.length * s.hiddenSize();
    graph.addInitializer(tensor("weight_ih", reordered(o.weightIh()), 1, rows, s.inputSize()));
    graph.addInitializer(tensor("weight_hh", reordered(o.weightHh()), 1, rows, s.hiddenSize()));
  }

  /** A matrix {@code [rows, columns]} as the bytes {@code [1, columns, rows]} and their scales. */
  private void bytes(String name, float[] values, int columns) {
    int rows = values.length / columns;
    byte[] transposed = new byte[values.length];
    float[] scales = new float[rows];
    for (int row = 0; row < rows; row++) {
      float largest = 0;
      for (int i = 0; i < columns; i++) {
        largest = Math.max(largest, Math.abs(values[row * columns + i]));
      }
      scales[row] = Math.max(largest, Float.MIN_NORMAL) / Byte.MAX_VALUE;
      for (int i = 0; i < columns; i++) {
        transposed[i * rows + row] = (byte) Math.rint(values[row * columns + i] / scales[row]);
      }
    }
    graph.addInitializer(tensor(name, TensorProto.DataType.INT8, transposed, 1, columns, rows));
    graph.addInitializer(tensor(name + "_scale", scales, 1, rows));
    graph.addInitializer(
        tensor(name + "_zero_point", TensorProto.DataType.INT8, new byte[rows], 1, rows));
    node.addInput(name + "_scale").addInput(name + "_zero_point");
  }

  private float[] reordered(float[] gates) {
    int block = gates.length / order.length;
    float[] result = new float[gates.length];
    for (int g = 0; g < order.length; g++) {
      System.arraycopy(gates, order[g] * block, result, g * block, block);
    }
    return result;
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** A value {@code [outer..., features]}, where -1 is the batch. */
  private static ValueInfoProto value(String name, int features, int... outer) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (int size : outer) {
      TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
      dims.addDim(size < 0 ? dim.setDimParam("B") : dim.setDimValue(size));
    }
    dims.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(features));
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(dims)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  static TensorProto tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return tensor(name, TensorProto.DataType.FLOAT, bytes.array(), shape);
  }

  private static TensorProto tensor(
      String name, TensorProto.DataType type, byte[] bytes, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    for (long size : shape) {
      tensor.addDims(size);
    }
    return tensor.build();
  }
}
