package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.unroll.io.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX model that this library runs: the operators RNN, LSTM and GRU of opset 14 and later in
 * full, and Add, Cast, Concat, Constant, ConstantOfShape, Expand, Gather, Gemm, Identity, MatMul,
 * Reshape, ReverseSequence, Shape, Slice, Squeeze, Transpose and Unsqueeze around them.
 *
 * <p>Recurrent nodes run on the library's cells, their weights packed once if they are constants.
 * What those cells do not have runs on slower forms, and {@link #notes()} says so: peepholes, clip,
 * input_forget, other activations, and a GRU with linear_before_reset = 0, which is ONNX's default
 * but not PyTorch's equation. All floating-point types are computed with as floats. A sequence of
 * length 0 keeps its initial state.
 *
 * <p>A run takes at most half of the JVM's memory. Not thread-safe.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">the operators' specification</a>
 */
public final class OnnxModel {
  private record Step(Node node, Operator operator) {}

  /** A graph's input; a dimension that is not fixed is -1, and a shape that is not stated null. */
  private record Input(String name, Tensor.Type type, @Nullable List<Long> shape) {}

  private final List<Step> steps = new ArrayList<>();
  private final Map<String, Value> constants = new HashMap<>();
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private OnnxModel(GraphProto graph) {
    Scope scope = new Scope(graph, null, Memory.ofThisMachine());
    Set<String> made = new LinkedHashSet<>();
    for (ValueInfoProto info : graph.getInputList()) {
      if (!scope.isConstant(info.getName())) {
        Input input = input(info);
        inputs.put(input.name, input);
        made.add(input.name);
        if (input.type.isFloatingPoint() && input.type != Tensor.Type.F32) {
          notes.add(
              "input '" + input.name + "' is " + input.type + ", but is computed with as floats");
        }
      }
    }
    for (Node node : scope.nodes) {
      if (scope.isConstant(node)) {
        continue;
      }
      Operator operator = Operators.of(node);
      if (operator instanceof RecurrentOperator recurrent && !recurrent.spec().slower().isEmpty()) {
        notes.add(
            node
                + " runs step by step on a slower form than the library's cells, which do not have"
                + " its "
                + String.join(", ", recurrent.spec().slower()));
      }
      for (String name : node.inputs()) {
        require(name, made, scope, node.toString());
      }
      node.outputs().stream().filter(name -> !name.isEmpty()).forEach(made::add);
      steps.add(new Step(node, operator));
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      if (output.getName().isEmpty()) {
        throw new IllegalArgumentException("the graph has an output without a name");
      }
      require(output.getName(), made, scope, "the graph's output");
      outputs.add(output.getName());
    }
  }

  /** Checks that a value is there when it is needed; computes it if it is a constant. */
  private void require(String name, Set<String> made, Scope scope, String by) {
    if (name.isEmpty() || made.contains(name) || constants.containsKey(name)) {
      return;
    }
    if (!scope.isConstant(name)) {
      throw new IllegalArgumentException(
          by
              + " needs '"
              + Node.shortened(name)
              + "', which nothing before it makes: an input is missing, or the graph has a cycle or"
              + " is not sorted");
    }
    constants.put(name, scope.constant(name));
  }

  private static Input input(ValueInfoProto info) {
    String what = "the input '" + Node.shortened(info.getName()) + "'";
    TypeProto.Tensor type = info.getType().getTensorType();
    if (!info.getType().hasTensorType()) {
      throw new IllegalArgumentException(what + " is no tensor, which is not supported");
    }
    List<Long> shape = null;
    if (type.hasShape()) {
      shape = new ArrayList<>();
      for (Dimension dimension : type.getShape().getDimList()) {
        shape.add(dimension.hasDimValue() ? dimension.getDimValue() : -1);
      }
    }
    return new Input(info.getName(), Tensors.requireType(type.getElemType(), what), shape);
  }

  /**
   * Loads a model and computes what in it is constant.
   *
   * @param path the file, with all its data in it
   * @return the model
   * @throws IOException if it cannot be read, is no ONNX model, uses an opset before 14 or an
   *     operator that is not supported, or is wrong in itself; the message names the file, the node
   *     and what is supported
   */
  public static OnnxModel load(Path path) throws IOException {
    return OnnxFile.model(path, OnnxModel::of);
  }

  /** As {@link #load}, of a message in hand. */
  static OnnxModel of(ModelProto model) {
    return new OnnxModel(model.getGraph());
  }

  /** {@return names of the inputs that {@link #run} needs; constants are none} */
  public List<String> inputs() {
    return List.copyOf(inputs.keySet());
  }

  /** {@return names of the outputs} */
  public List<String> outputs() {
    return List.copyOf(outputs);
  }

  /** {@return sentences about what runs slower or less exactly than one may think; often none} */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Computes the outputs.
   *
   * @param given a tensor for each of {@link #inputs()}; integers of any type for integers, floats
   *     of any type for floats
   * @return the outputs by name, in the order of {@link #outputs()}
   * @throws IllegalArgumentException if an input is missing, unknown or of another shape, or the
   *     shapes do not fit together, or the run needs more than half of the JVM's memory; the
   *     message names the input or the node
   */
  public Map<String, Tensor> run(Map<String, Tensor> given) {
    for (String name : given.keySet()) {
      if (!inputs.containsKey(name)) {
        throw new IllegalArgumentException(
            "The model has no input '" + name + "': its inputs are " + inputs.keySet() + ".");
      }
    }
    Map<String, Value> values = new HashMap<>(constants);
    for (Input input : inputs.values()) {
      Tensor tensor = given.get(input.name);
      if (tensor == null) {
        throw new IllegalArgumentException(
            "Input '" + input.name + "' is missing: the inputs are " + inputs.keySet() + ".");
      }
      values.put(input.name, checked(input, tensor));
    }
    try {
      Memory memory = Memory.ofThisMachine();
      for (Step step : steps) {
        run(step, values, memory);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("The model cannot be run: " + e.getMessage() + ".", e);
    }
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (String name : outputs) {
      // Every output is a constant, an input or made by a step, as the constructor has checked.
      results.put(name, Objects.requireNonNull(values.get(name)).tensor());
    }
    return results;
  }

  private static void run(Step step, Map<String, Value> values, Memory memory) {
    Node node = step.node;
    List<@Nullable Value> in = new ArrayList<>();
    for (String name : node.inputs()) {
      in.add(name.isEmpty() ? null : values.get(name));
    }
    List<Value> out = Operators.run(node, step.operator, new Inputs(in), memory);
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i)) {
        values.put(node.outputs().get(i), out.get(i));
      }
    }
  }

  private static Value checked(Input input, Tensor tensor) {
    List<Integer> shape = tensor.shape();
    boolean fits =
        tensor.type().isFloatingPoint() == input.type.isFloatingPoint()
            && (input.shape == null || input.shape.size() == shape.size());
    for (int k = 0; fits && input.shape != null && k < shape.size(); k++) {
      fits = input.shape.get(k) < 0 || input.shape.get(k) == (long) shape.get(k);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "Input '"
              + input.name
              + "' is "
              + tensor.type()
              + shape
              + ", but the model needs "
              + input.type
              + (input.shape == null ? "" : input.shape + ", where -1 is any size")
              + ".");
    }
    Value value = Value.of(tensor);
    return value.isFloat()
        ? Value.of(input.type, value.floats, value.shape)
        : Value.of(input.type, value.longs, value.shape);
  }
}
