package dev.unroll.onnx;

import static dev.unroll.onnx.GraphWriter.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recurrent layers out of graphs of any kind. */
class OnnxImportTest {
  private static final int I = 3;
  private static final int H = 5;

  @TempDir private Path folder;

  private List<ImportedRecurrent> read(GraphWriter graph) throws IOException {
    Path file = folder.resolve("a.onnx");
    Files.write(file, graph.model("import").toByteArray());
    return OnnxImport.recurrent(file);
  }

  private static Recurrent network(String cell, boolean bidirectional) {
    RecurrentConfig config =
        RecurrentConfig.of(Cells.named(cell), I, H).withBidirectional(bidirectional);
    Recurrent recurrent = new Recurrent(new Parameters(), "", config);
    RandomGenerator random = Initializer.random(3);
    float[] values = recurrent.parameters().values();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return recurrent;
  }

  @ParameterizedTest
  @CsvSource({"rnn_tanh, false", "rnn_relu, true", "lstm, true", "lstm, false", "gru, true"})
  void whatWasExportedComesBack(String cell, boolean bidirectional) throws IOException {
    Recurrent network = network(cell, bidirectional);
    Path file = folder.resolve("a.onnx");
    OnnxExport.of(network).write(file);
    assertThat(OnnxImport.recurrent(file))
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.recurrent().config()).isEqualTo(network.config());
              assertThat(found.recurrent().parameters().values())
                  .containsExactly(network.parameters().values());
              assertThat(found.weights()).containsExactly("W_l0", "R_l0", "B_l0");
              assertThat(found.reversed()).isFalse();
            });
  }

  private static AttributeProto graph(String name, GraphWriter graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(graph.model(name).getGraph())
        .build();
  }

  private static AttributeProto value(float[] values, long... shape) {
    return AttributeProto.newBuilder()
        .setName("value")
        .setType(AttributeType.TENSOR)
        .setT(Tensors.write("", values, shape))
        .build();
  }

  /** As a file of PyTorch's LSTMCell has it: gates sliced and joined out of Constant nodes. */
  private static void lstmOfConstants(GraphWriter graph, Recurrent network, String prefix) {
    for (String name : List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")) {
      Parameters.Slice slice = network.parameters().slice(name + "_l0");
      float[] values =
          java.util.Arrays.copyOfRange(
              network.parameters().values(), slice.offset(), slice.offset() + slice.size());
      long[] shape = slice.shape().stream().mapToLong(Integer::longValue).toArray();
      String all = prefix + name;
      graph.node("Constant", all, List.of(value(values, shape)));
      String[] gates = new String[4];
      int[] order = {0, 3, 1, 2};
      for (int g = 0; g < 4; g++) {
        long from = (long) order[g] * H;
        gates[g] =
            graph.node(
                "Slice",
                all + g,
                List.of(),
                all,
                graph.constant(all + g + "from", from),
                graph.constant(all + g + "to", from + H),
                graph.constant(all + g + "axis", 0L));
      }
      graph.node("Concat", all + "_iofc", List.of(attribute("axis", 0)), gates);
    }
    graph.node(
        "Concat",
        prefix + "bias",
        List.of(attribute("axis", 0)),
        prefix + "bias_ih_iofc",
        prefix + "bias_hh_iofc");
    graph.constant(prefix + "axes", 0L);
    for (String name : List.of("weight_ih_iofc", "weight_hh_iofc", "bias")) {
      graph.node("Unsqueeze", prefix + name + "_3", List.of(), prefix + name, prefix + "axes");
    }
  }

  private static void lstm(GraphWriter graph, String prefix, String name) {
    graph.node(
        "LSTM",
        name,
        List.of(attribute("hidden_size", H)),
        "x",
        prefix + "weight_ih_iofc_3",
        prefix + "weight_hh_iofc_3",
        prefix + "bias_3");
  }

  @Test
  void layersAreFoundInBranchesAndBodiesWithWeightsInsideOrAround() throws IOException {
    Recurrent network = network("lstm", false);
    GraphWriter inner = new GraphWriter();
    lstmOfConstants(inner, network, "decoder.rnn.");
    lstm(inner, "decoder.rnn.", "inside");
    GraphWriter body = new GraphWriter();
    lstm(body, "outer.", "around");
    GraphWriter branch = new GraphWriter();
    branch.node("Loop", "loop", List.of(graph("body", body)), "", "");
    GraphWriter main = new GraphWriter();
    main.input("x", DataType.FLOAT, "T", "B", I);
    lstmOfConstants(main, network, "outer.");
    main.node("Equal", "test", List.of(), "x", "x");
    main.node(
        "If", "if", List.of(graph("then_branch", inner), graph("else_branch", branch)), "test");
    List<ImportedRecurrent> found = read(main);
    assertThat(found).extracting(ImportedRecurrent::name).containsExactly("inside", "around");
    assertThat(found)
        .extracting(ImportedRecurrent::graph)
        .containsExactly("if.then_branch", "if.else_branch/loop.body");
    assertThat(found.getFirst().weights())
        .contains("decoder.rnn.weight_ih", "decoder.rnn.weight_hh", "decoder.rnn.bias_hh");
    for (ImportedRecurrent each : found) {
      assertThat(each.recurrent().config()).isEqualTo(network.config());
      assertThat(each.recurrent().parameters().values())
          .containsExactly(network.parameters().values());
    }
  }

  @Test
  void whatNoNetworkComputesSaysSo() throws IOException {
    GraphWriter graph = new GraphWriter();
    String x = graph.input("x", DataType.FLOAT, "T", "B", I);
    String w = graph.constant("w", new float[3 * H * I], 1, 3 * H, I);
    String r = graph.constant("r", new float[3 * H * H], 1, 3 * H, H);
    graph.node("GRU", "onnx_gru", List.of(), x, w, r);
    graph.node("GRU", "unknown", List.of(), x, graph.node("Neg", "made", List.of(), x), r);
    graph.node("GRU", "wrong", List.of(attribute("linear_before_reset", 1)), x, w, w);
    AttributeProto after = attribute("linear_before_reset", 1);
    AttributeProto reverse = attribute("direction", "reverse");
    graph.node("GRU", "reverse", List.of(after, reverse), x, w, r);
    List<ImportedRecurrent> found = read(graph);
    assertThat(found.get(0).problem()).contains("'onnx_gru' (GRU) has linear_before_reset = 0");
    assertThat(found.get(1).problem()).contains("takes its weights from 'made'");
    assertThat(found.get(2).problem())
        .isEqualTo(
            "node 'wrong' (GRU) has W of F32[1, 15, 3], but must have floats of shape [1, 9, 3].");
    assertThat(found.get(3).reversed()).isTrue();
    assertThat(found.get(3).recurrent().config().bias()).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(() -> found.get(0).recurrent())
        .withMessage(found.get(0).problem());
  }

  @Test
  void aGraphMayDeepenAsFarAsProtobufGoes() throws IOException {
    GraphProto graph = new GraphWriter().model("deep").getGraph();
    GraphWriter outermost = new GraphWriter();
    for (int depth = 0; depth < 25; depth++) {
      GraphWriter next = new GraphWriter();
      next.node(
          "If",
          "if" + depth,
          List.of(
              AttributeProto.newBuilder()
                  .setName("then_branch")
                  .setType(AttributeType.GRAPH)
                  .setG(graph)
                  .build()));
      graph = next.model("deep").getGraph();
      outermost = next;
    }
    assertThat(read(outermost)).isEmpty();
  }
}
