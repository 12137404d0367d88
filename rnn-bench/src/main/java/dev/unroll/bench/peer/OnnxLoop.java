package dev.unroll.bench.peer;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence as a model of ONNX, its loop a Scan, the gated delta rule the runtime's own
 * operator: x [T, B, I] to y [T, B, H].
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Scan.html">Scan</a>
 * @see <a
 *     href="https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md">LinearAttention</a>
 */
final class OnnxLoop implements LoopGraph {
  private final Operands operands;
  private final long steps;
  private final long batch;

  /** What is written to: the model's graph, or inside a loop its body. */
  private GraphProto.Builder graph = GraphProto.newBuilder();

  private int values;

  private OnnxLoop(Workload workload, Operands operands) {
    this.operands = operands;
    steps = workload.shape().steps();
    batch = workload.shape().batch();
  }

  static ModelProto pass(Workload workload, Operands operands) {
    OnnxLoop model = new OnnxLoop(workload, operands);
    String y = Recurrences.write(model, workload);
    return OnnxNode.model(workload, model.graph.setName(workload.cell()), y);
  }

  @Override
  public String parameter(String name, long... shape) {
    graph.addInitializer(OnnxNode.tensor(name, operands.parameter(name), shape));
    return name;
  }

  @Override
  public String number(double value) {
    String name = next();
    graph.addInitializer(OnnxNode.tensor(name, new float[] {(float) value}));
    return name;
  }

  @Override
  public String apply(Op op, String... inputs) {
    return node(op.onnx(), inputs);
  }

  @Override
  public String product(String x, String weight, @Nullable String bias) {
    String rows = reshape(x, -1, columns(weight));
    String y = bias == null ? gemm(rows, weight) : gemm(rows, weight, bias);
    boolean asGiven = x.equals(OnnxNode.X); // else its first two dimensions are swapped
    return reshape(y, asGiven ? steps : batch, asGiven ? batch : steps, -1);
  }

  @Override
  public String productPlus(String h, String weight, String c) {
    return gemm(h, weight, c);
  }

  private String gemm(String... inputs) {
    return node("Gemm", List.of(OnnxNode.integer("transB", 1)), inputs);
  }

  private long columns(String weight) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(weight))
        .findFirst()
        .orElseThrow()
        .getDims(1);
  }

  @Override
  public String swapped(String x) {
    AttributeProto order =
        AttributeProto.newBuilder()
            .setName("perm")
            .setType(AttributeProto.AttributeType.INTS)
            .addAllInts(List.of(1L, 0L, 2L))
            .build();
    return node("Transpose", List.of(order), x);
  }

  @Override
  public boolean hasGatedDelta() {
    return true;
  }

  @Override
  public String gatedDelta(
      String query, String key, String value, String decay, String beta, int heads) {
    String y = next();
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("LinearAttention")
            .setDomain(OnnxNode.MICROSOFT)
            .addAllInput(List.of(query, key, value, "", decay, beta))
            .addOutput(y)
            .addOutput(next())
            .addAttribute(OnnxNode.integer("q_num_heads", heads))
            .addAttribute(OnnxNode.integer("kv_num_heads", heads))
            .addAttribute(OnnxNode.text("update_rule", "gated_delta"))
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("scale")
                    .setType(AttributeProto.AttributeType.FLOAT)
                    .setF(1)));
    return y;
  }

  @Override
  public String sum(String x) {
    return node("ReduceSum", x, integers(-1));
  }

  @Override
  public List<String> parts(String x, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(next());
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Split")
            .addInput(x)
            .addAllOutput(names)
            .addAttribute(OnnxNode.integer("axis", -1)));
    return names;
  }

  @Override
  public String reshape(String x, long... shape) {
    return node("Reshape", x, integers(shape));
  }

  @Override
  public String join(List<String> joined) {
    return node("Concat", List.of(OnnxNode.integer("axis", -1)), joined.toArray(String[]::new));
  }

  @Override
  public List<String> loop(List<String> series, List<long[]> states, Body body) {
    NodeProto.Builder scan =
        NodeProto.newBuilder()
            .setOpType("Scan")
            .addAttribute(OnnxNode.integer("num_scan_inputs", series.size()));
    for (long[] shape : states) {
      int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
      String zeros = next();
      graph.addInitializer(OnnxNode.tensor(zeros, new float[size], shape));
      scan.addInput(zeros);
    }
    scan.addAllInput(series);
    GraphProto.Builder around = graph;
    graph = GraphProto.newBuilder().setName("step");
    List<String> before = inputs(states.size());
    List<String> now = inputs(series.size());
    Step step = body.step(now, before);
    step.state().forEach(name -> graph.addOutput(OnnxNode.floats(name)));
    // An output cannot be a state too.
    step.outputs().forEach(name -> graph.addOutput(OnnxNode.floats(node("Identity", name))));
    scan.addAttribute(
        AttributeProto.newBuilder()
            .setName("body")
            .setType(AttributeProto.AttributeType.GRAPH)
            .setG(graph));
    graph = around;
    states.forEach(last -> scan.addOutput(next())); // which nothing reads
    List<String> outputs = step.outputs().stream().map(name -> next()).toList();
    graph.addNode(scan.addAllOutput(outputs));
    return outputs;
  }

  private List<String> inputs(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(next());
      graph.addInput(OnnxNode.floats(names.getLast()));
    }
    return names;
  }

  private String node(String operator, String... inputs) {
    return node(operator, List.of(), inputs);
  }

  private String node(String operator, List<AttributeProto> attributes, String... inputs) {
    String name = next();
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .addAllInput(List.of(inputs))
            .addAllAttribute(attributes)
            .addOutput(name));
    return name;
  }

  private String integers(long... numbers) {
    String name = next();
    ByteBuffer bytes =
        ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(numbers);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(numbers.length)
            .setRawData(ByteString.copyFrom(bytes.array())));
    return name;
  }

  private String next() {
    return "v" + values++;
  }
}
