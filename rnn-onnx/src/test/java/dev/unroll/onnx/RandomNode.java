package dev.unroll.onnx;

import static dev.unroll.onnx.GraphWriter.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.unroll.cell.Initializer;
import dev.unroll.io.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A recurrent node whose every attribute and input is drawn from a seed. */
final class RandomNode {
  final Reference.Case node;
  final boolean batchFirst;

  /** The node as a model, weights as constants or as inputs. */
  final ModelProto model;

  final Map<String, Tensor> inputs = new HashMap<>();

  /** Which of Y, Y_h, Y_c are wanted. */
  final List<String> outputs = new ArrayList<>();

  private final RandomGenerator random;

  RandomNode(long seed) {
    this(seed, false);
  }

  /** With {@code usual} only what ONNX Runtime takes too. */
  RandomNode(long seed, boolean usual) {
    random = Initializer.random(seed);
    String operator = pick("RNN", "LSTM", "GRU");
    String direction = pick("forward", "reverse", "bidirectional");
    int directions = direction.equals("bidirectional") ? 2 : 1;
    int gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
    int steps = 1 + random.nextInt(7);
    int batch = 1 + random.nextInt(9);
    int input = 1 + random.nextInt(9);
    int hidden = 1 + random.nextInt(random.nextInt(6) == 0 ? 80 : 12);
    List<String> defaults =
        switch (operator) {
          case "RNN" -> List.of("Tanh");
          case "LSTM" -> List.of("Sigmoid", "Tanh", "Tanh");
          default -> List.of("Sigmoid", "Tanh");
        };
    List<String> activations = new ArrayList<>();
    boolean ownActivations = random.nextInt(3) == 0;
    for (int i = 0; i < directions * defaults.size(); i++) {
      activations.add(
          ownActivations ? pick("Tanh", "Sigmoid", "Relu") : defaults.get(i % defaults.size()));
    }
    double clip = random.nextInt(4) == 0 ? (float) (.2 + random.nextDouble()) : Double.MAX_VALUE;
    boolean lstm = operator.equals("LSTM");
    boolean lengths = random.nextBoolean();
    long[] lens = new long[batch];
    for (int b = 0; b < batch; b++) {
      lens[b] = random.nextInt(usual ? 1 : 0, steps + 1);
    }
    node =
        new Reference.Case(
            operator,
            direction,
            activations,
            clip,
            operator.equals("GRU") && random.nextBoolean(),
            lstm && random.nextInt(3) == 0,
            steps,
            batch,
            input,
            hidden,
            normal(steps * batch * input, 1),
            normal(directions * gates * hidden * input, .3),
            normal(directions * gates * hidden * hidden, .5 / Math.sqrt(hidden)),
            random.nextBoolean() ? normal(directions * 2 * gates * hidden, .3) : null,
            lengths ? lens : null,
            random.nextBoolean() ? normal(directions * batch * hidden, .5) : null,
            lstm && random.nextBoolean() ? normal(directions * batch * hidden, .5) : null,
            lstm && random.nextInt(3) == 0 ? normal(directions * 3 * hidden, .3) : null);
    batchFirst = !usual && random.nextBoolean();
    model = model(ownActivations);
  }

  private String pick(String... all) {
    return all[random.nextInt(all.length)];
  }

  private float[] normal(int size, double scale) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  private ModelProto model(boolean ownActivations) {
    Reference.Case n = node;
    GraphWriter graph = new GraphWriter();
    boolean constants = random.nextBoolean();
    int d = n.directions();
    int rows = n.gates() * n.hidden();
    List<String> names = new ArrayList<>();
    float[] x = batchFirst ? swapped(n.x(), n.steps(), n.batch(), n.inputSize()) : n.x();
    names.add(
        batchFirst
            ? input(graph, "X", x, n.batch(), n.steps(), n.inputSize())
            : input(graph, "X", x, n.steps(), n.batch(), n.inputSize()));
    names.add(weight(graph, constants, "W", n.w(), d, rows, n.inputSize()));
    names.add(weight(graph, constants, "R", n.r(), d, rows, n.hidden()));
    names.add(weight(graph, constants, "B", n.b(), d, 2 * rows));
    long[] lengths = n.lengths();
    if (lengths != null) {
      graph.input("lens", DataType.INT32, lengths.length);
      inputs.put("lens", Value.of(Tensor.Type.I32, lengths, lengths.length).tensor());
    }
    names.add(lengths == null ? "" : "lens");
    names.add(state(graph, "h0", n.initialH()));
    names.add(state(graph, "c0", n.initialC()));
    names.add(weight(graph, constants, "P", n.p(), d, 3 * n.hidden()));
    while (names.getLast().isEmpty()) {
      names.removeLast();
    }
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("hidden_size", n.hidden()));
    if (!n.direction().equals("forward") || random.nextBoolean()) {
      attributes.add(attribute("direction", n.direction()));
    }
    if (ownActivations) {
      attributes.add(
          AttributeProto.newBuilder()
              .setName("activations")
              .setType(AttributeType.STRINGS)
              .addAllStrings(n.activations().stream().map(ByteString::copyFromUtf8).toList())
              .build());
    }
    if (n.clip() < Double.MAX_VALUE) {
      attributes.add(
          AttributeProto.newBuilder()
              .setName("clip")
              .setType(AttributeType.FLOAT)
              .setF((float) n.clip())
              .build());
    }
    if (n.linearBeforeReset()) {
      attributes.add(attribute("linear_before_reset", 1));
    }
    if (n.inputForget()) {
      attributes.add(attribute("input_forget", 1));
    }
    if (batchFirst) {
      attributes.add(attribute("layout", 1));
    }
    Collections.shuffle(attributes, java.util.Random.from(random));
    List<String> all = new ArrayList<>(List.of("Y", "Y_h"));
    if (n.operator().equals("LSTM")) {
      all.add("Y_c");
    }
    int kept = random.nextInt(all.size());
    for (int i = 0; i < all.size(); i++) {
      if (i != kept && random.nextInt(3) == 0) {
        all.set(i, "");
      }
    }
    graph.node(n.operator(), all, attributes, names.toArray(String[]::new));
    for (String name : all) {
      if (name.equals("Y")) {
        graph.output(name, "a", "b", "c", n.hidden());
      } else if (!name.isEmpty()) {
        graph.output(name, "e", "f", n.hidden());
      }
    }
    all.stream().filter(name -> !name.isEmpty()).forEach(outputs::add);
    return graph.model("random");
  }

  private String weight(
      GraphWriter graph, boolean constant, String name, float @Nullable [] values, int... shape) {
    if (values == null) {
      return "";
    }
    long[] sizes = java.util.Arrays.stream(shape).asLongStream().toArray();
    return constant ? graph.constant(name, values, sizes) : input(graph, name, values, shape);
  }

  private String input(GraphWriter graph, String name, float[] values, int... shape) {
    graph.input(name, DataType.FLOAT, java.util.Arrays.stream(shape).boxed().toArray());
    inputs.put(name, Tensor.of(values, shape));
    return name;
  }

  private String state(GraphWriter graph, String name, float @Nullable [] values) {
    int d = node.directions();
    int batch = node.batch();
    int hidden = node.hidden();
    if (values == null) {
      return "";
    }
    return batchFirst
        ? input(graph, name, swapped(values, d, batch, hidden), batch, d, hidden)
        : input(graph, name, values, d, batch, hidden);
  }

  /** {@return [m, n, k] as [n, m, k]} */
  private static float[] swapped(float[] values, int m, int n, int k) {
    float[] result = new float[values.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        System.arraycopy(values, (i * n + j) * k, result, (j * m + i) * k, k);
      }
    }
    return result;
  }

  /** {@return an output in layout 0, whatever the node's layout is} */
  float[] inLayout0(String name, Tensor tensor) {
    float[] values = tensor.floats();
    int d = node.directions();
    int batch = node.batch();
    if (!batchFirst) {
      return values;
    }
    return name.equals("Y")
        ? swapped(values, batch, node.steps() * d, node.hidden())
        : swapped(values, batch, d, node.hidden());
  }

  /** {@return the shape that the specification states for an output} */
  List<Integer> shape(String name) {
    int d = node.directions();
    if (name.equals("Y")) {
      return batchFirst
          ? List.of(node.batch(), node.steps(), d, node.hidden())
          : List.of(node.steps(), d, node.batch(), node.hidden());
    }
    return batchFirst
        ? List.of(node.batch(), d, node.hidden())
        : List.of(d, node.batch(), node.hidden());
  }

  @Override
  public String toString() {
    return "%s %s %s clip %s lbr %s if %s T %d B %d I %d H %d layout %d %s -> %s"
        .formatted(
            node.operator(),
            node.direction(),
            node.activations(),
            node.clip(),
            node.linearBeforeReset(),
            node.inputForget(),
            node.steps(),
            node.batch(),
            node.inputSize(),
            node.hidden(),
            batchFirst ? 1 : 0,
            inputs.keySet(),
            outputs);
  }
}
