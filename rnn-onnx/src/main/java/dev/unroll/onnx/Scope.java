package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph and what in it is constant: initializers, and the outputs of nodes all of whose inputs
 * are constant, e.g. weights that an exporter slices and joins. Names not defined here are the
 * outer graph's.
 */
final class Scope {
  final List<Node> nodes = new ArrayList<>();
  private final @Nullable Scope outer;
  private final Memory memory;

  /** Every name that this graph gives a value. */
  private final Set<String> defined = new HashSet<>();

  private final Map<String, TensorProto> initializers = new HashMap<>();

  /** What makes each constant that is no initializer. */
  private final Map<String, Node> makers = new HashMap<>();

  private final Map<String, Value> known = new HashMap<>();

  /**
   * Looks through a graph; nothing is computed yet.
   *
   * @throws IllegalArgumentException if a name has two values
   */
  Scope(GraphProto graph, @Nullable Scope outer, Memory memory) {
    this.outer = outer;
    this.memory = memory;
    for (TensorProto initializer : graph.getInitializerList()) {
      define(initializer.getName());
      initializers.put(initializer.getName(), initializer);
    }
    for (ValueInfoProto input : graph.getInputList()) {
      // An initializer may be listed as an input with a default; here it is a constant.
      if (!initializers.containsKey(input.getName())) {
        define(input.getName());
      }
    }
    for (NodeProto proto : graph.getNodeList()) {
      Node node = new Node(proto);
      nodes.add(node);
      boolean constant =
          Operators.supports(node)
              && !Operators.isRecurrent(node)
              && node.inputs().stream().allMatch(name -> name.isEmpty() || isConstant(name));
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          define(output);
          if (constant) {
            makers.put(output, node);
          }
        }
      }
    }
  }

  private void define(String name) {
    if (!defined.add(name)) {
      throw new IllegalArgumentException(
          "the name '" + Node.shortened(name) + "' is given to two values of one graph");
    }
  }

  /** {@return whether a value does not depend on the graph's inputs} */
  boolean isConstant(String name) {
    return initializers.containsKey(name)
        || makers.containsKey(name)
        || (!defined.contains(name) && outer != null && outer.isConstant(name));
  }

  /** {@return whether a node has been made out of constants alone} */
  boolean isConstant(Node node) {
    return node.outputs().stream().anyMatch(makers::containsKey);
  }

  /**
   * {@return the value of a constant, computed the first time}
   *
   * @throws IllegalArgumentException if it cannot be computed
   */
  Value constant(String name) {
    if (!defined.contains(name) && outer != null) {
      return outer.constant(name);
    }
    // No recursion: a file may have a chain of any length. A maker's inputs were constant before
    // it, so there is no cycle.
    Deque<String> wanted = new ArrayDeque<>(List.of(name));
    while (!wanted.isEmpty()) {
      String next = wanted.getLast();
      TensorProto initializer = initializers.get(next);
      Node maker = makers.get(next);
      if (known.containsKey(next)) {
        wanted.removeLast();
      } else if (initializer != null) {
        known.put(
            next, Tensors.read(initializer, "the initializer '" + Node.shortened(next) + "'"));
      } else if (maker != null) {
        int before = wanted.size();
        List<@Nullable Value> inputs = new ArrayList<>();
        for (String input : maker.inputs()) {
          Value value = input.isEmpty() ? null : known.get(input);
          if (value == null && !input.isEmpty()) {
            if (defined.contains(input)) {
              wanted.addLast(input);
            } else {
              known.put(input, constant(input));
              value = known.get(input);
            }
          }
          inputs.add(value);
        }
        if (wanted.size() == before) {
          List<Value> outputs =
              Operators.run(maker, Operators.of(maker), new Inputs(inputs), memory);
          known.put(next, outputs.get(maker.outputs().indexOf(next)));
        }
      } else {
        throw new IllegalArgumentException("'" + Node.shortened(next) + "' is no constant");
      }
    }
    return Objects.requireNonNull(known.get(name));
  }

  /** {@return names of the tensors of numbers that a constant is made of} */
  List<String> sources(String name) {
    List<String> found = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Deque<String> wanted = new ArrayDeque<>(List.of(name));
    while (!wanted.isEmpty()) {
      String next = wanted.removeFirst();
      Node maker = makers.get(next);
      if (next.isEmpty() || !seen.add(next)) {
        continue;
      }
      if (maker != null && !maker.inputs().isEmpty()) {
        wanted.addAll(maker.inputs());
      } else if (!defined.contains(next) && outer != null) {
        found.addAll(outer.sources(next));
      } else if (isConstant(next) && constant(next).isFloat()) {
        found.add(next);
      }
    }
    return found;
  }
}
