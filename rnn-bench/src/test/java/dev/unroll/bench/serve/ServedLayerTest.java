package dev.unroll.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.unroll.bench.peer.StreamServer;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.serve.StreamsFork.Load;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.onnx.OnnxExport;
import dev.unroll.report.run.InputException;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers to serve, and whether a library answers as they do. */
class ServedLayerTest {
  @TempDir private Path folder;

  private static Recurrent network(String cell, boolean bidirectional) {
    Recurrent network =
        new Recurrent(RecurrentConfig.of(Cells.named(cell), 3, 5).withBidirectional(bidirectional));
    Initializer.recurrentDefault(network.parameters(), "", 5, Initializer.random(1));
    return network;
  }

  /**
   * The form of Silero VAD's file: the layer in a branch of an If, its weights in Constant nodes.
   */
  private Path silero(Recurrent network) throws IOException {
    Path file = folder.resolve("silero.onnx");
    OnnxExport.of(network).write(file);
    ModelProto plain = ModelProto.parseFrom(Files.readAllBytes(file));
    GraphProto.Builder branch = plain.getGraph().toBuilder().clearInitializer().clearNode();
    for (TensorProto weight : plain.getGraph().getInitializerList()) {
      branch.addNode(
          NodeProto.newBuilder()
              .setName("If_0_else_branch__Inline_0__decoder.rnn." + weight.getName())
              .setOpType("Constant")
              .addOutput(weight.getName())
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("value")
                      .setType(AttributeProto.AttributeType.TENSOR)
                      .setT(weight)));
    }
    branch.addAllNode(plain.getGraph().getNodeList());
    NodeProto.Builder choice = NodeProto.newBuilder().setName("If_0").setOpType("If");
    choice.addInput("condition").addOutput("y");
    choice.addAttribute(
        AttributeProto.newBuilder()
            .setName("else_branch")
            .setType(AttributeProto.AttributeType.GRAPH)
            .setG(branch));
    GraphProto.Builder graph = GraphProto.newBuilder().setName("vad").addNode(choice);
    Files.write(file, plain.toBuilder().setGraph(graph).build().toByteArray());
    return file;
  }

  @Test
  void theLayerOfAFileKeepsItsWeights() throws IOException {
    for (String cell : new String[] {"lstm", "gru"}) {
      Recurrent network = network(cell, false);
      ServedLayer layer = ServedLayer.of(silero(network), "else_branch");
      assertThat(layer.workload().cell()).isEqualTo(cell);
      assertThat(layer.workload().shape().inputSize()).isEqualTo(3);
      assertThat(layer.workload().shape().hiddenSize()).isEqualTo(5);
      assertThat(layer.operands().weightIh()).containsExactly(values(network, "weight_ih_l0"));
      assertThat(layer.operands().weightHh()).containsExactly(values(network, "weight_hh_l0"));
      assertThat(layer.operands().biasIh()).containsExactly(values(network, "bias_ih_l0"));
      assertThat(layer.operands().biasHh()).containsExactly(values(network, "bias_hh_l0"));
    }
  }

  private static float[] values(Recurrent network, String name) {
    Parameters.Slice slice = network.parameters().slice(name);
    return Arrays.copyOfRange(
        network.parameters().values(), slice.offset(), slice.offset() + slice.size());
  }

  @Test
  void whatCannotBeServedIsRefused() throws IOException {
    refused(folder.resolve("none.onnx"), "", "There is no file");
    refused(silero(network("gru", false)), "then_branch", "has no recurrent layer named");
    refused(silero(network("gru", true)), "", "it must go in one direction");
  }

  private static void refused(Path file, String name, String why) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ServedLayer.of(file, name))
        .withMessageContaining(why);
  }

  @Test
  void agreementIsMeasured() throws Exception {
    ServedLayer layer = ServedLayer.drawn("lstm", 20);
    Load load = new Load(9, 4, 0);
    assertThat(Agreement.require(layer, load, server(layer, WeightFormat.F32, 0), 0)).isZero();
    assertThat(Agreement.require(layer, load, server(layer, WeightFormat.INT8, 0), .05))
        .isBetween(1e-5, .05);
    assertThatIllegalStateException()
        .isThrownBy(
            () -> Agreement.require(layer, load, server(layer, WeightFormat.F32, 1e-4f), 1e-5))
        .withMessageContaining("nothing was timed");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> Agreement.require(layer, load, server(layer, WeightFormat.F32, Float.NaN), 1e-5));
  }

  /** Ours, with something added to the last output of each batch. */
  private static StreamServer server(ServedLayer layer, WeightFormat format, float added)
      throws Exception {
    StreamServer ours =
        new UnrollPeer(format).serve(layer.workload(), layer.operands(), 4).orElseThrow();
    ours.open(9);
    return new StreamServer() {
      @Override
      public void open(int streams) {}

      @Override
      public void step(int[] streams, int count, float[] x, float[] y) throws Exception {
        ours.step(streams, count, x, y);
        y[count * 20 - 1] += added;
      }

      @Override
      public void close() {}
    };
  }
}
