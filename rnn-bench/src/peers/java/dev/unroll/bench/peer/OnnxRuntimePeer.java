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
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * ONNX Runtime, forward only: a model of one RNN, LSTM or GRU node whose weights are constants, so
 * that the runtime packs them once. Input and output tensors lie in direct buffers bound to each
 * call, so nothing is copied. Threads spin between calls, as is the runtime's default.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__LSTM.html">the operators' gate orders</a>
 */
public final class OnnxRuntimePeer implements Peer {
  private static final int OPSET = 14;
  private static final int IR_VERSION = 8;

  /** Makes a peer that has to be prepared. */
  public OnnxRuntimePeer() {}

  @Override
  public String label() {
    return "ONNX Runtime 1.29.0";
  }

  @Override
  public boolean supports(Workload workload) {
    return workload.mode() == Mode.FORWARD
        && List.of("rnn_tanh", "lstm", "gru").contains(workload.cell());
  }

  @Override
  public Layer prepare(Workload workload, Operands operands) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession session;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(workload.threads());
      options.setInterOpNumThreads(1);
      session = environment.createSession(model(workload, operands).toByteArray(), options);
    }
    Shape s = workload.shape();
    FloatBuffer xBuffer = direct(operands.x().length).put(operands.x()).rewind();
    OnnxTensor x =
        OnnxTensor.createTensor(
            environment, xBuffer, new long[] {s.steps(), s.batch(), s.inputSize()});
    FloatBuffer yBuffer = direct(s.steps() * s.batch() * s.hiddenSize());
    OnnxTensor y =
        OnnxTensor.createTensor(
            environment, yBuffer, new long[] {s.steps(), 1, s.batch(), s.hiddenSize()});
    return new OnnxLayer(session, x, y, yBuffer);
  }

  private static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private record OnnxLayer(OrtSession session, OnnxTensor x, OnnxTensor y, FloatBuffer yBuffer)
      implements Layer {
    @Override
    public void run() throws OrtException {
      session.run(Map.of("x", x), Map.of("y", y)).close();
    }

    @Override
    public Map<String, float[]> results() {
      float[] values = new float[yBuffer.capacity()];
      yBuffer.get(0, values);
      return Map.of("y", values);
    }

    @Override
    public void close() {
      try {
        x.close();
        y.close();
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime did not close its session", e);
      }
    }
  }

  /** The model: x [T, B, I] to y [T, 1, B, H]. */
  private static ModelProto model(Workload workload, Operands o) {
    Shape s = workload.shape();
    int hidden = s.hiddenSize();
    // Position g holds which of PyTorch's gates ONNX wants at g: iofc and zrh.
    int[] order =
        switch (workload.cell()) {
          case "lstm" -> new int[] {0, 3, 1, 2};
          case "gru" -> new int[] {1, 0, 2};
          default -> new int[] {0};
        };
    int rows = order.length * hidden;
    float[] bias = new float[2 * rows];
    System.arraycopy(reordered(o.biasIh(), order), 0, bias, 0, rows);
    System.arraycopy(reordered(o.biasHh(), order), 0, bias, rows, rows);

    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(
                workload.cell().equals("rnn_tanh")
                    ? "RNN"
                    : workload.cell().toUpperCase(Locale.ROOT))
            .addAllInput(List.of("x", "weight_ih", "weight_hh", "bias"))
            .addOutput("y")
            .addAttribute(integer("hidden_size", hidden));
    if (workload.cell().equals("gru")) {
      node.addAttribute(integer("linear_before_reset", 1));
    }
    GraphProto graph =
        GraphProto.newBuilder()
            .setName(workload.cell())
            .addInput(value("x", s.steps(), s.batch(), s.inputSize()))
            .addOutput(value("y", s.steps(), 1, s.batch(), hidden))
            .addInitializer(
                tensor("weight_ih", reordered(o.weightIh(), order), 1, rows, s.inputSize()))
            .addInitializer(tensor("weight_hh", reordered(o.weightHh(), order), 1, rows, hidden))
            .addInitializer(tensor("bias", bias, 1, bias.length))
            .addNode(node)
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("unroll")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph)
        .build();
  }

  private static float[] reordered(float[] gates, int[] order) {
    int block = gates.length / order.length;
    float[] result = new float[gates.length];
    for (int g = 0; g < order.length; g++) {
      System.arraycopy(gates, order[g] * block, result, g * block, block);
    }
    return result;
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static ValueInfoProto value(String name, long... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (long size : shape) {
      dims.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
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

  private static TensorProto tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    for (long size : shape) {
      tensor.addDims(size);
    }
    return tensor.build();
  }
}
