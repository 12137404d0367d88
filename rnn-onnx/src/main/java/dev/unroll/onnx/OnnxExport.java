package dev.unroll.onnx;

import static dev.unroll.onnx.GraphWriter.attribute;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Embedding;
import dev.unroll.train.Linear;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a network as an ONNX model of opset 14: {@code rnn_tanh}, {@code rnn_relu}, {@code lstm}
 * and {@code gru}, stacked and in one or both directions. Each layer is one RNN, LSTM or GRU node;
 * a GRU has linear_before_reset = 1, which is PyTorch's equation.
 *
 * <p>Letters: T steps and B batch, both left open under these names; I input size, H hidden size, L
 * layers, D directions, V tokens, O outputs.
 *
 * <p>Inputs: {@code x [T, B, I]}, or of a model with an embedding {@code tokens [T, B]} (int64); if
 * wanted {@code h_0 [L*D, B, H]} and, of an LSTM, {@code c_0}; if wanted {@code lengths [B]}
 * (int32). Outputs: {@code y [T, B, D*H]}, or of a model {@code logits [T, B, O]} or {@code [B,
 * O]}; {@code h_n [L*D, B, H]} and, of an LSTM, {@code c_n}.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">the operators' specification</a>
 */
public final class OnnxExport {
  private final Recurrent recurrent;
  private final @Nullable Embedding embedding;
  private final @Nullable Linear linear;
  private final Readout readout;
  private final boolean initialState;
  private final boolean lengths;
  private final Kind kind;

  private OnnxExport(
      Recurrent recurrent,
      @Nullable Embedding embedding,
      @Nullable Linear linear,
      Readout readout,
      boolean initialState,
      boolean lengths) {
    this.recurrent = recurrent;
    this.embedding = embedding;
    this.linear = linear;
    this.readout = readout;
    this.initialState = initialState;
    this.lengths = lengths;
    RecurrentConfig config = recurrent.config();
    Kind found = Kind.of(config.cell());
    if (found == null) {
      throw new IllegalArgumentException(
          "ONNX has no operator for the cell '"
              + config.cell().name()
              + "': rnn_tanh, rnn_relu, lstm and gru can be exported.");
    }
    if (config.projSize() > 0) {
      throw new IllegalArgumentException(
          "ONNX's LSTM has no projection, but proj_size is " + config.projSize() + ".");
    }
    kind = found;
  }

  /**
   * {@return the export of a recurrent network, without initial state and lengths}
   *
   * @param recurrent the network
   * @throws IllegalArgumentException if ONNX has no operator for its cell, or it has a projection
   */
  public static OnnxExport of(Recurrent recurrent) {
    return new OnnxExport(recurrent, null, null, Readout.EVERY_STEP, false, false);
  }

  /**
   * {@return the export of a model, without initial state and lengths}
   *
   * @param model embedding, recurrent network and readout
   * @param readout which steps are read out
   * @throws IllegalArgumentException if ONNX has no operator for its cell, or it has a projection
   */
  public static OnnxExport of(Model model, Readout readout) {
    return new OnnxExport(
        model.recurrent(), model.embedding(), model.linear(), readout, false, false);
  }

  /** {@return this with the initial state as inputs, h_0 and, of an LSTM, c_0; else zeros} */
  public OnnxExport withInitialState() {
    return new OnnxExport(recurrent, embedding, linear, readout, true, lengths);
  }

  /** {@return this with the lengths of the sequences as an input; else all have T steps} */
  public OnnxExport withLengths() {
    return new OnnxExport(recurrent, embedding, linear, readout, initialState, true);
  }

  /**
   * Writes the model with the weights that it has now, whole or not at all.
   *
   * @param path where to; an existing file is replaced
   * @throws IOException if it cannot be written; nothing is left behind then
   * @throws IllegalArgumentException if it would have more than the 2 GB that an ONNX file may have
   */
  public void write(Path path) throws IOException {
    byte[] bytes = bytes();
    Path target = path.toAbsolutePath();
    Path temporary = Files.createTempFile(target.getParent(), ".onnx", ".tmp");
    try {
      Files.write(temporary, bytes);
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * {@return the bytes of the file that {@link #write} writes}
   *
   * @throws IllegalArgumentException if there would be more than 2 GB
   */
  public byte[] bytes() {
    return model().toByteArray();
  }

  private ModelProto model() {
    long bytes = (long) Float.BYTES * recurrent.parameters().size();
    if (bytes > Integer.MAX_VALUE - (1 << 20)) {
      throw new IllegalArgumentException(
          "The parameters have " + bytes + " bytes, but an ONNX file has at most 2 GB.");
    }
    RecurrentConfig config = recurrent.config();
    GraphWriter graph = new GraphWriter();
    String x;
    if (embedding == null) {
      x = graph.input("x", DataType.FLOAT, "T", "B", config.inputSize());
    } else {
      String tokens = graph.input("tokens", DataType.INT64, "T", "B");
      x = graph.node("Gather", "x", List.of(), constant(graph, embedding.weight()), tokens);
    }
    int rows = config.numLayers() * config.numDirections();
    List<String> states = kind == Kind.LSTM ? List.of("h", "c") : List.of("h");
    if (initialState) {
      states.forEach(s -> graph.input(s + "_0", DataType.FLOAT, rows, "B", config.hiddenSize()));
    }
    if (lengths) {
      graph.input("lengths", DataType.INT32, "B");
    }
    List<List<String>> last = new ArrayList<>();
    for (int layer = 0; layer < config.numLayers(); layer++) {
      x = layer(graph, layer, x, states, last);
    }
    if (linear == null) {
      graph.output("y", "T", "B", config.outputSize());
    } else {
      readOut(graph, linear, x, last.getLast().getFirst());
    }
    for (int i = 0; i < states.size(); i++) {
      String name = states.get(i) + "_n";
      int state = i;
      if (config.numLayers() > 1) {
        String[] parts = last.stream().map(of -> of.get(state)).toArray(String[]::new);
        graph.node("Concat", name, List.of(attribute("axis", 0)), parts);
      }
      graph.output(name, rows, "B", config.hiddenSize());
    }
    return graph.model(config.cell().name());
  }

  /** {@return the name of a layer's outputs {@code [T, B, D*H]}; those of its states go to last} */
  private String layer(
      GraphWriter graph, int layer, String x, List<String> states, List<List<String>> last) {
    RecurrentConfig config = recurrent.config();
    boolean single = config.numLayers() == 1;
    int directions = config.numDirections();
    int hidden = config.hiddenSize();
    int width = layer == 0 ? config.inputSize() : config.outputSize();
    int rows = kind.gates() * hidden;
    float[] w = new float[directions * rows * width];
    float[] r = new float[directions * rows * hidden];
    float[] b = new float[config.bias() ? directions * 2 * rows : 0];
    Parameters parameters = recurrent.parameters();
    for (int d = 0; d < directions; d++) {
      String prefix = recurrent.prefix();
      String suffix = "_l" + layer + (d == 0 ? "" : "_reverse");
      kind.fromParameter(parameters, prefix + "weight_ih" + suffix, w, d * rows * width);
      kind.fromParameter(parameters, prefix + "weight_hh" + suffix, r, d * rows * hidden);
      if (config.bias()) {
        kind.fromParameter(parameters, prefix + "bias_ih" + suffix, b, d * 2 * rows);
        kind.fromParameter(parameters, prefix + "bias_hh" + suffix, b, (d * 2 + 1) * rows);
      }
    }
    String of = "_l" + layer;
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(attribute("hidden_size", hidden));
    if (directions == 2) {
      attributes.add(attribute("direction", "bidirectional"));
    }
    if (kind == Kind.GRU) {
      attributes.add(attribute("linear_before_reset", 1));
    }
    if (config.cell().name().equals("rnn_relu")) {
      attributes.add(attribute("activations", "Relu", directions));
    }
    List<String> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.add(graph.constant("W" + of, w, directions, rows, width));
    inputs.add(graph.constant("R" + of, r, directions, rows, hidden));
    inputs.add(config.bias() ? graph.constant("B" + of, b, directions, 2L * rows) : "");
    inputs.add(lengths ? "lengths" : "");
    List<String> outputs = new ArrayList<>(List.of("Y" + of));
    for (String state : states) {
      outputs.add(state + "_n" + (single ? "" : of));
      if (initialState) {
        inputs.add(single ? state + "_0" : rows(graph, state + "_0", layer, directions));
      }
    }
    String y = graph.node(kind.name(), outputs, attributes, inputs.toArray(String[]::new));
    last.add(outputs.subList(1, outputs.size()));
    boolean ends = layer == config.numLayers() - 1;
    if (ends && linear != null && readout == Readout.LAST_STEP && directions == 1) {
      return ""; // the state is read out
    }
    String name = ends ? "y" : "y" + of;
    if (directions == 1) {
      return graph.node("Squeeze", name, List.of(), y, graph.constant("axis" + of, 1L));
    }
    AttributeProto order = attribute("perm", List.of(0L, 2L, 1L, 3L));
    String turned = graph.node("Transpose", "turned" + of, List.of(order), y);
    String shape = graph.constant("shape" + of, 0L, 0L, 2L * hidden);
    return graph.node("Reshape", name, List.of(), turned, shape);
  }

  /** {@return the rows of a layer out of the states of all} */
  private static String rows(GraphWriter graph, String states, int layer, int directions) {
    String name = states + "_l" + layer;
    return graph.node(
        "Slice",
        name,
        List.of(),
        states,
        graph.constant(name + "_from", (long) layer * directions),
        graph.constant(name + "_to", (layer + 1L) * directions),
        graph.constant(name + "_axis", 0L));
  }

  /**
   * Adds the logits of outputs {@code y [T, B, D*H]}, or of the last real step of each sequence.
   */
  private void readOut(GraphWriter graph, Linear linear, String y, String lastH) {
    Slice bias = linear.bias();
    String[] biases = bias == null ? new String[0] : new String[] {constant(graph, bias)};
    int outputs = linear.outputSize();
    if (readout == Readout.EVERY_STEP) {
      String weight = constant(graph, linear.weight());
      AttributeProto order = attribute("perm", List.of(1L, 0L));
      String turned = graph.node("Transpose", weight + "_turned", List.of(order), weight);
      String product = biases.length == 0 ? "logits" : "product";
      graph.node("MatMul", product, List.of(), y, turned);
      if (biases.length > 0) {
        graph.node("Add", "logits", List.of(), product, biases[0]);
      }
      graph.output("logits", "T", "B", outputs);
      return;
    }
    String last;
    if (!recurrent.config().bidirectional()) {
      String first = graph.constant("axis_last", 0L);
      last = graph.node("Squeeze", "last", List.of(), lastH, first);
    } else {
      // The reverse direction's output at the last real step is its first one, not its state. With
      // each sequence reversed that step is the first for all; without lengths it is the last.
      String ended = y;
      if (lengths) {
        AttributeProto type = attribute("to", DataType.INT64.getNumber());
        String wide = graph.node("Cast", "lengths_int64", List.of(type), "lengths");
        List<AttributeProto> axes = List.of(attribute("time_axis", 0), attribute("batch_axis", 1));
        ended = graph.node("ReverseSequence", "y_from_its_end", axes, y, wide);
      }
      String index = graph.scalar("last_step", lengths ? 0 : -1);
      last = graph.node("Gather", "last", List.of(attribute("axis", 0)), ended, index);
    }
    List<String> inputs = new ArrayList<>(List.of(last, constant(graph, linear.weight())));
    inputs.addAll(Arrays.asList(biases));
    graph.node("Gemm", "logits", List.of(attribute("transB", 1)), inputs.toArray(String[]::new));
    graph.output("logits", "B", outputs);
  }

  private String constant(GraphWriter graph, Slice slice) {
    float[] values = recurrent.parameters().values();
    long[] shape = slice.shape().stream().mapToLong(Integer::longValue).toArray();
    int end = slice.offset() + slice.size();
    return graph.constant(slice.name(), Arrays.copyOfRange(values, slice.offset(), end), shape);
  }
}
