package dev.unroll.onnx;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OrtException;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StatePart;
import dev.unroll.io.Tensor;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is exported, run by ONNX Runtime and by ourselves, beside the network. */
class OnnxExportTest {
  private static final int T = 5;
  private static final int B = 3;
  private static final int H = 17;
  private static final int[] LENGTHS = {5, 2, 3};

  @TempDir private Path folder;

  static List<RecurrentConfig> configs() {
    List<RecurrentConfig> all = new ArrayList<>();
    for (String cell : List.of("rnn_tanh", "rnn_relu", "lstm", "gru")) {
      for (int options = 0; options < 12; options++) {
        all.add(
            RecurrentConfig.of(Cells.named(cell), 4, H)
                .withNumLayers(1 + options / 4)
                .withBias((options & 1) == 0)
                .withBidirectional((options & 2) != 0));
      }
    }
    return all;
  }

  private static float[] normal(RandomGenerator random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (.2 * random.nextGaussian());
    }
    return values;
  }

  private static void randomize(Parameters parameters, RandomGenerator random) {
    float[] values = normal(random, parameters.size());
    System.arraycopy(values, 0, parameters.values(), 0, values.length);
    parameters.changed();
  }

  private static State state(RecurrentConfig config, RandomGenerator random) {
    State state = State.zeros(config, B);
    for (float[] part : state.parts()) {
      System.arraycopy(normal(random, part.length), 0, part, 0, part.length);
    }
    return state;
  }

  /** The inputs of an export, as its options ask for. */
  private static Map<String, Tensor> inputs(
      RecurrentConfig config, Tensor x, @Nullable State initial, int @Nullable [] lengths) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(x.type() == Tensor.Type.F32 ? "x" : "tokens", x);
    int rows = config.numLayers() * config.numDirections();
    if (initial != null) {
      inputs.put("h_0", Tensor.of(initial.h(), rows, B, H));
      if (config.cell().states().contains(StatePart.C)) {
        inputs.put("c_0", Tensor.of(initial.c(), rows, B, H));
      }
    }
    if (lengths != null) {
      inputs.put("lengths", Value.of(Tensor.Type.I32, new long[] {5, 2, 3}, B).tensor());
    }
    return inputs;
  }

  private void check(OnnxExport export, Map<String, Tensor> inputs, Map<String, float[]> ours)
      throws IOException, OrtException {
    Path file = folder.resolve("model.onnx");
    export.write(file);
    OnnxModel model = OnnxModel.load(file);
    assertThat(model.notes()).isEmpty();
    Map<String, Tensor> back = model.run(inputs);
    Map<String, Tensor> theirs = Ort.run(Files.readAllBytes(file), inputs);
    assertThat(theirs.keySet()).containsExactlyElementsOf(ours.keySet());
    assertThat(back.keySet()).containsExactlyElementsOf(ours.keySet());
    ours.forEach(
        (name, values) -> {
          assertThat(requireNonNull(theirs.get(name)).floats())
              .as(name)
              .containsExactly(values, within(1e-5f));
          // After a product, a bias is added with one more rounding than in our readout.
          float tolerance = name.equals("logits") ? 1e-6f : 0;
          assertThat(requireNonNull(back.get(name)).floats())
              .as(name)
              .containsExactly(values, within(tolerance));
          assertThat(requireNonNull(back.get(name)).shape())
              .isEqualTo(requireNonNull(theirs.get(name)).shape());
        });
  }

  @ParameterizedTest
  @MethodSource("configs")
  void onnxRuntimeAndTheImportComputeWhatTheNetworkDoes(RecurrentConfig config)
      throws IOException, OrtException {
    RandomGenerator random = Initializer.random(7);
    Parameters parameters = new Parameters();
    parameters.add("before", 3);
    Recurrent recurrent = new Recurrent(parameters, "encoder.", config);
    randomize(parameters, random);
    float[] x = normal(random, T * B * 4);
    var workspace = recurrent.workspace(T, B, false, Team.single());
    for (int options = 0; options < 4; options++) {
      State initial = (options & 1) == 0 ? null : state(config, random);
      int[] lengths = (options & 2) == 0 ? null : LENGTHS;
      float[] y = new float[T * B * config.outputSize()];
      State last = State.zeros(config, B);
      recurrent.forward(workspace, x, initial, lengths, y, last);
      OnnxExport export = OnnxExport.of(recurrent);
      export = initial == null ? export : export.withInitialState();
      export = lengths == null ? export : export.withLengths();
      Map<String, float[]> ours = new LinkedHashMap<>();
      ours.put("y", y);
      ours.put("h_n", last.h());
      if (config.cell().states().contains(StatePart.C)) {
        ours.put("c_n", last.c());
      }
      check(export, inputs(config, Tensor.of(x, T, B, 4), initial, lengths), ours);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void aModelIsExportedWithEmbeddingAndReadout(RecurrentConfig config)
      throws IOException, OrtException {
    RandomGenerator random = Initializer.random(8);
    for (int options = 0; options < 8; options++) {
      boolean tokens = (options & 1) == 0;
      int[] lengths = (options & 2) == 0 ? null : LENGTHS;
      Readout readout = (options & 4) == 0 ? Readout.EVERY_STEP : Readout.LAST_STEP;
      Model.Config modelConfig = Model.Config.of(config, 6);
      Model model = new Model(tokens ? modelConfig.withEmbedding(11) : modelConfig);
      randomize(model.parameters(), random);
      Session session = model.session(T, B, readout, false, Team.single());
      State last = State.zeros(config, B);
      Tensor x;
      if (tokens) {
        int[] ids = random.ints(T * B, 0, 11).toArray();
        session.forward(ids, null, lengths, last);
        x = Tensor.of(Arrays.stream(ids).asLongStream().toArray(), T, B);
      } else {
        float[] features = normal(random, T * B * 4);
        session.forward(features, null, lengths, last);
        x = Tensor.of(features, T, B, 4);
      }
      OnnxExport export = OnnxExport.of(model, readout);
      export = lengths == null ? export : export.withLengths();
      Map<String, float[]> ours = new LinkedHashMap<>();
      ours.put("logits", session.logits());
      ours.put("h_n", last.h());
      if (config.cell().states().contains(StatePart.C)) {
        ours.put("c_n", last.c());
      }
      check(export, inputs(config, x, null, lengths), ours);
    }
  }

  @Test
  void stepsAndBatchAreLeftOpenUnderTheirNames() throws IOException, OrtException {
    Model model =
        new Model(
            Model.Config.of(RecurrentConfig.of(Cells.named("gru"), 4, H), 6).withEmbedding(11),
            Initializer.random(9));
    byte[] bytes = OnnxExport.of(model, Readout.EVERY_STEP).withInitialState().bytes();
    ModelProto proto = ModelProto.parseFrom(bytes);
    assertThat(proto.getGraph().getInputList().stream().map(OnnxExportTest::shape))
        .containsExactly("tokens[T, B]", "h_0[1, B, 17]");
    assertThat(proto.getGraph().getOutputList().stream().map(OnnxExportTest::shape))
        .containsExactly("logits[T, B, 6]", "h_n[1, B, 17]");
    assertThat(proto.getOpsetImport(0).getVersion()).isEqualTo(14);
    for (int steps : new int[] {1, 7}) {
      Map<String, Tensor> inputs =
          Map.of(
              "tokens", Tensor.of(new long[2 * steps], steps, 2),
              "h_0", Tensor.of(new float[2 * H], 1, 2, H));
      assertThat(requireNonNull(Ort.run(bytes, inputs).get("logits")).shape())
          .containsExactly(steps, 2, 6);
      assertThat(requireNonNull(OnnxModel.of(proto).run(inputs).get("logits")).shape())
          .containsExactly(steps, 2, 6);
    }
  }

  private static String shape(ValueInfoProto info) {
    return info.getName()
        + info.getType().getTensorType().getShape().getDimList().stream()
            .map(d -> d.hasDimParam() ? d.getDimParam() : String.valueOf(d.getDimValue()))
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"min_gru", "min_gru_signed", "min_lstm"})
  void cellsThatOnnxHasNotAreRefused(String name) {
    Recurrent recurrent =
        new Recurrent(new Parameters(), "", RecurrentConfig.of(Cells.named(name), 2, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxExport.of(recurrent))
        .withMessage(
            "ONNX has no operator for the cell '%s': rnn_tanh, rnn_relu, lstm and gru can be"
                + " exported.",
            name);
  }

  @Test
  void projectionsAreRefused() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("lstm"), 2, 3).withProjSize(2);
    Recurrent recurrent = new Recurrent(new Parameters(), "", config);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxExport.of(recurrent))
        .withMessage("ONNX's LSTM has no projection, but proj_size is 2.");
  }
}
