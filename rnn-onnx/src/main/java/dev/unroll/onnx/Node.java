package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node of a graph: its operator, its inputs and outputs, and its attributes, each checked. */
final class Node {
  /** The longest name in a message. */
  private static final int LONGEST_NAME = 100;

  private final NodeProto proto;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final Set<String> read = new HashSet<>();

  Node(NodeProto proto) {
    this.proto = proto;
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attributes.putIfAbsent(attribute.getName(), attribute) != null) {
        throw new IllegalArgumentException(
            this + " has its attribute '" + shortened(attribute.getName()) + "' twice");
      }
      if (!attribute.getRefAttrName().isEmpty()) {
        throw new IllegalArgumentException(
            this
                + " takes an attribute from a function that it is part of, which is not supported");
      }
    }
  }

  /** {@return the operator, with its domain unless that is ONNX's own} */
  String operator() {
    String domain = proto.getDomain();
    return isOnnx(domain) ? proto.getOpType() : domain + "." + proto.getOpType();
  }

  static boolean isOnnx(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  /** {@return the node's name; without one, that of its first output} */
  String name() {
    return !proto.getName().isEmpty()
        ? proto.getName()
        : outputs().stream().filter(name -> !name.isEmpty()).findFirst().orElse("");
  }

  /** {@return names of its inputs, empty for one that is missing} */
  List<String> inputs() {
    return proto.getInputList();
  }

  /** {@return names of its outputs, empty for one that is not wanted} */
  List<String> outputs() {
    return proto.getOutputList();
  }

  /** {@return whether an input is there} */
  boolean hasInput(int i) {
    return i < inputs().size() && !inputs().get(i).isEmpty();
  }

  /** {@return whether an output is wanted} */
  boolean hasOutput(int i) {
    return i < outputs().size() && !outputs().get(i).isEmpty();
  }

  /** {@return all attributes, e.g. to look for graphs in them} */
  List<AttributeProto> attributes() {
    return proto.getAttributeList();
  }

  /** {@return the attribute, null without one} */
  private @Nullable AttributeProto attribute(String name, AttributeType type) {
    read.add(name);
    AttributeProto attribute = attributes.get(name);
    if (attribute != null && attribute.getType() != type) {
      throw new IllegalArgumentException(
          "has the attribute "
              + name
              + " of type "
              + attribute.getType()
              + " where "
              + type
              + " is expected");
    }
    return attribute;
  }

  boolean has(String name) {
    return attributes.containsKey(name);
  }

  long integer(String name, long usual) {
    AttributeProto attribute = attribute(name, AttributeType.INT);
    return attribute == null ? usual : attribute.getI();
  }

  boolean flag(String name) {
    return integer(name, 0) != 0;
  }

  float number(String name, float usual) {
    AttributeProto attribute = attribute(name, AttributeType.FLOAT);
    return attribute == null ? usual : attribute.getF();
  }

  String text(String name, String usual) {
    AttributeProto attribute = attribute(name, AttributeType.STRING);
    return attribute == null ? usual : attribute.getS().toStringUtf8();
  }

  @Nullable List<String> texts(String name) {
    AttributeProto attribute = attribute(name, AttributeType.STRINGS);
    return attribute == null
        ? null
        : attribute.getStringsList().stream().map(ByteString::toStringUtf8).toList();
  }

  @Nullable List<Long> integers(String name) {
    AttributeProto attribute = attribute(name, AttributeType.INTS);
    return attribute == null ? null : attribute.getIntsList();
  }

  @Nullable List<Float> numbers(String name) {
    AttributeProto attribute = attribute(name, AttributeType.FLOATS);
    return attribute == null ? null : attribute.getFloatsList();
  }

  @Nullable Value tensor(String name) {
    AttributeProto attribute = attribute(name, AttributeType.TENSOR);
    return attribute == null ? null : Tensors.read(attribute.getT(), "its attribute " + name);
  }

  /** Checks that every attribute has been asked for, and how many inputs and outputs there are. */
  void requireKnown(int leastInputs, int mostInputs, int mostOutputs) {
    for (String name : attributes.keySet()) {
      if (!read.contains(name)) {
        throw new IllegalArgumentException(
            "has the attribute '" + shortened(name) + "', which is not supported");
      }
    }
    for (int i = 0; i < leastInputs; i++) {
      if (!hasInput(i)) {
        throw new IllegalArgumentException(
            "has " + inputs().size() + " inputs, of which one that it needs is missing");
      }
    }
    if (outputs().size() > mostOutputs) {
      throw new IllegalArgumentException(
          "has " + outputs().size() + " outputs, but makes at most " + mostOutputs);
    }
    if (inputs().size() > mostInputs) {
      throw new IllegalArgumentException(
          "has " + inputs().size() + " inputs, but takes at most " + mostInputs);
    }
  }

  /** {@return a name from a file, shortened for a message} */
  static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
  }

  /** {@return how a message names this} */
  @Override
  public String toString() {
    return "node '" + shortened(name()) + "' (" + shortened(operator()) + ")";
  }
}
