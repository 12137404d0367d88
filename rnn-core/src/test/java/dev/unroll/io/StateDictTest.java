package dev.unroll.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StateDictTest {
  @TempDir private Path folder;

  private final RandomGenerator random = Initializer.random(41);

  static List<RecurrentConfig> configs() {
    List<RecurrentConfig> configs = new ArrayList<>();
    for (Cell cell : Cells.all()) {
      for (int layers : new int[] {1, 2, 3}) {
        for (boolean both : new boolean[] {false, true}) {
          for (boolean bias : new boolean[] {false, true}) {
            RecurrentConfig config =
                RecurrentConfig.of(cell, 4, 5)
                    .withNumLayers(layers)
                    .withBidirectional(both)
                    .withBias(bias);
            configs.add(config);
            if (RecurrentConfig.takesProjection(cell)) {
              configs.add(config.withProjSize(2));
            }
          }
        }
      }
    }
    return configs;
  }

  private void fill(Parameters parameters) {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.values()[i] = (float) random.nextGaussian();
    }
    parameters.changed();
  }

  private Recurrent network(String prefix, RecurrentConfig config) {
    Recurrent network = new Recurrent(new Parameters(), prefix, config);
    fill(network.parameters());
    return network;
  }

  /** As PyTorch writes it: nothing but tensors. */
  private static StateDict bare(StateDict dict) {
    return new StateDict(new Safetensors(dict.file().tensors(), Map.of()));
  }

  private static StateDict dict(Object... namesAndTensors) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTensors.length; i += 2) {
      tensors.put((String) namesAndTensors[i], (Tensor) namesAndTensors[i + 1]);
    }
    return new StateDict(new Safetensors(tensors, Map.of()));
  }

  private static Tensor zeros(int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    return Tensor.of(new float[size], shape);
  }

  private static StateDict without(StateDict dict, String name) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(dict.file().tensors());
    assertThat(tensors.remove(name)).isNotNull();
    return new StateDict(new Safetensors(tensors, dict.file().metadata()));
  }

  private static StateDict plus(StateDict dict, String name, Tensor tensor) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(dict.file().tensors());
    tensors.put(name, tensor);
    return new StateDict(new Safetensors(tensors, dict.file().metadata()));
  }

  private static void assertSame(Recurrent loaded, Recurrent saved) {
    assertThat(loaded.config()).isEqualTo(saved.config());
    assertThat(loaded.parameters().slices()).isEqualTo(saved.parameters().slices());
    assertThat(loaded.parameters().values()).isEqualTo(saved.parameters().values());
  }

  /** Saved and loaded by its metadata, by the cell that the caller knows, and by shapes alone. */
  @ParameterizedTest
  @MethodSource("configs")
  void everyNetworkIsToldByItsTensors(RecurrentConfig config) throws IOException {
    Cell cell = config.cell();
    Recurrent saved = network("encoder.rnn.", config);
    Path file = folder.resolve("a.safetensors");
    StateDict.of(saved).write(file);
    assertSame(StateDict.read(file).recurrent("encoder.rnn."), saved);

    StateDict bare = bare(StateDict.of(saved));
    assertSame(bare.recurrent("encoder.rnn.", cell), saved);
    // Its rows are those of one gate of many units or of many gates of few.
    boolean isOfUnknownSize =
        (cell instanceof LinearCell linear && linear.ownPerUnit() == 0)
            || List.of("indrnn", "para_gru").contains(cell.name());
    if (isOfUnknownSize && config.numLayers() == 1) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> bare.recurrent("encoder.rnn."))
          .withMessageContaining("'encoder.rnn.weight_ih_l0'")
          .withMessageContaining("say which cell it is");
      return;
    }
    String told =
        switch (cell.name()) {
          case "rnn_relu" -> "rnn_tanh";
          case "min_gru_signed" -> "min_gru";
          case "gated_delta_signed" -> "gated_delta";
          default -> cell.name();
        };
    Recurrent loaded = bare.recurrent("encoder.rnn.");
    assertThat(loaded.config().cell().name()).isEqualTo(told);
    assertThat(loaded.config().toString())
        .isEqualTo(config.toString().replace(cell.toString(), loaded.config().cell().toString()));
    assertThat(loaded.parameters().values()).isEqualTo(saved.parameters().values());
  }

  /** The metadata that a caller of PyTorch's save_file can write. */
  @Test
  void metadataTellANonlinearity() {
    StateDict bare =
        bare(StateDict.of(network("", RecurrentConfig.of(Cells.named("rnn_relu"), 2, 3))));
    assertThat(bare.recurrentConfig("").cell().name()).isEqualTo("rnn_tanh");
    assertThat(bare.with("nonlinearity", "RELU").recurrentConfig("").cell().name())
        .isEqualTo("rnn_relu");
    assertThat(bare.with("cell", "RNN").with("nonlinearity", "relu").recurrentConfig("").cell())
        .isEqualTo(Cells.named("rnn_relu"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bare.with("cell", "lstmm").recurrent(""))
        .withMessageContaining("No cell is named 'lstmm'");
  }

  @Test
  void aPrefixChoosesOneNetworkOfMany() {
    Recurrent encoder = network("encoder.", RecurrentConfig.of(Cells.named("lstm"), 2, 3));
    Recurrent decoder = network("decoder.", RecurrentConfig.of(Cells.named("gru"), 4, 5));
    Map<String, Tensor> both = new LinkedHashMap<>(StateDict.of(encoder).file().tensors());
    both.putAll(StateDict.of(decoder).file().tensors());
    StateDict dict = new StateDict(new Safetensors(both, Map.of()));
    assertSame(dict.recurrent("encoder."), encoder);
    assertSame(dict.recurrent("decoder."), decoder);
    Recurrent bare = dict.under("decoder.").recurrent("");
    assertThat(bare.parameters().slices().getFirst().name()).isEqualTo("weight_ih_l0");
    assertThat(bare.parameters().values()).isEqualTo(decoder.parameters().values());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict.recurrent("coder."))
        .withMessageContaining("No tensor is named 'coder.weight_ih_l0'");
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyModelIsToldByItsTensors(Model.Config config) throws IOException {
    Model saved = new Model(config, random);
    Path file = folder.resolve("a.safetensors");
    StateDict.of(saved).write(file);
    Model loaded = StateDict.read(file).model(config.names());
    assertThat(loaded.config()).isEqualTo(config);
    assertThat(loaded.parameters().slices()).isEqualTo(saved.parameters().slices());
    assertThat(loaded.parameters().values()).isEqualTo(saved.parameters().values());
    // The readout tells the units of a cell without weight_hh.
    assertThat(bare(StateDict.of(saved)).modelConfig(config.names(), config.recurrent().cell()))
        .isEqualTo(config);
    assertThat(bare(StateDict.of(saved)).modelConfig(config.names(), null).recurrent().hiddenSize())
        .isEqualTo(config.recurrent().hiddenSize());
  }

  static List<Model.Config> models() {
    List<Model.Config> configs = new ArrayList<>();
    Model.Names names = new Model.Names("tokens", "encoder.rnn", "head");
    for (Cell cell : Cells.all()) {
      for (boolean both : new boolean[] {false, true}) {
        Model.Config config =
            Model.Config.of(RecurrentConfig.of(cell, 4, 5).withBidirectional(both), 3);
        configs.add(config);
        configs.add(config.withEmbedding(7));
        configs.add(config.withEmbedding(7).withNames(names));
      }
    }
    return configs;
  }

  private static Parameters parameters() {
    Parameters parameters = new Parameters();
    parameters.add("fc.weight", 2, 3);
    parameters.add("fc.bias", 2);
    return parameters;
  }

  @Test
  void parametersAreLoadedAsTheyWereSaved() throws IOException {
    Parameters saved = parameters();
    fill(saved);
    Path file = folder.resolve("a.safetensors");
    StateDict.of(saved).with("step", "7").write(file);
    Parameters loaded = parameters();
    long version = loaded.version();
    StateDict read = StateDict.read(file);
    read.loadInto(loaded);
    assertThat(loaded.values()).containsExactly(saved.values());
    assertThat(loaded.version()).isNotEqualTo(version);
    assertThat(read.file().metadata()).isEqualTo(Map.of("step", "7"));
  }

  @Test
  void tensorsThatDoNotMatchAreRefusedAndNothingIsLoaded() {
    Parameters model = parameters();
    Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor bias = Tensor.of(new float[] {1, 2}, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict("fc.weight", weight).loadInto(model))
        .withMessage("The tensors do not match the model: missing fc.bias, unexpected none.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict("fc.weight", weight, "fc.bias", weight).loadInto(model, false))
        .withMessage("Tensor 'fc.bias' has shape [2, 3], but the model needs [2].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict("fc.weight", weight, "fc.bias", bias, "x", bias).loadInto(model))
        .withMessageContaining("unexpected x");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> dict("fc.weight", weight, "fc.bias", Tensor.of(new long[2], 2)).loadInto(model))
        .withMessageContaining("'fc.bias' is I64");
    assertThat(model.values()).containsOnly(0);
  }

  @Test
  void whatIsMissingOrLeftOverIsReportedWhenNotStrict() {
    Parameters model = parameters();
    model.values()[7] = 9;
    Tensor weight = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    var keys = dict("m.fc.weight", weight, "m.x", weight, "y", weight).under("m.");
    assertThat(keys.loadInto(model, false))
        .isEqualTo(new StateDict.IncompatibleKeys(List.of("m.fc.bias"), List.of("m.x")));
    assertThat(model.values()).containsExactly(1, 2, 3, 4, 5, 6, 0, 9);
    assertThat(dict("fc.weight", weight, "fc.bias", zeros(2)).loadInto(model, false).isEmpty())
        .isTrue();
  }

  /** A network of which a tensor is missing can be made all the same. */
  @Test
  void anIncompleteNetworkIsLoadedWhenNotStrict() {
    Recurrent saved =
        network("", RecurrentConfig.of(Cells.named("gru"), 3, 4).withBidirectional(true));
    StateDict dict = plus(without(StateDict.of(saved), "bias_hh_l0_reverse"), "count", zeros(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict.recurrent(""))
        .withMessage(
            "The tensors do not match the model: missing bias_hh_l0_reverse, unexpected count.");
    Recurrent loaded = new Recurrent(dict.recurrentConfig(""));
    assertThat(dict.loadInto(loaded.parameters(), false))
        .isEqualTo(new StateDict.IncompatibleKeys(List.of("bias_hh_l0_reverse"), List.of("count")));
    assertThat(loaded.config()).isEqualTo(saved.config());
  }

  @ParameterizedTest
  @CsvSource({
    "lstm, gru, 12, 9",
    "gru, lstm, 9, 12",
    "gru, rnn_relu, 9, 3",
  })
  void anotherCellIsRefused(String saved, String wanted, int rows, int needed) {
    StateDict dict = StateDict.of(network("r.", RecurrentConfig.of(Cells.named(saved), 2, 3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dict.recurrent("r.", Cells.named(wanted)))
        .withMessage(
            "Tensor 'r.weight_ih_l0' has shape [%d, 2], but a %s of 3 units has %d rows there: it is of another cell, or broken."
                .formatted(rows, wanted, needed));
  }

  @Test
  void wrongShapesAreNamed() {
    StateDict good = StateDict.of(network("", RecurrentConfig.of(Cells.named("lstm"), 2, 3)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plus(good, "bias_ih_l0", zeros(11)).recurrent(""))
        .withMessage("Tensor 'bias_ih_l0' has shape [11], but the model needs [12].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plus(good, "weight_hh_l0", zeros(12)).recurrent(""))
        .withMessage(
            "Tensor 'weight_hh_l0' has shape [12], but must have 2 dimensions of at least 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plus(good, "weight_ih_l1", zeros(12, 2)).recurrent(""))
        .withMessageContaining("'weight_ih_l1' has shape [12, 2], but the model needs [12, 3]");
    StateDict two = bare(StateDict.of(network("", RecurrentConfig.of(Cells.named("gru"), 2, 4))));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                plus(plus(two, "weight_hh_l0", zeros(8, 4)), "weight_ih_l0", zeros(8, 2))
                    .recurrent(""))
        .withMessageContaining("'weight_ih_l0' has shape [8, 2], but a rnn_tanh of 4 units");
  }

  /** The smallest file can state any shape. */
  @Test
  void aFileOrdersNoMoreThanItHolds() {
    StateDict wide =
        dict("rnn.weight_ih_l0", zeros(1, 1), "rnn.weight_hh_l0", zeros(1, 40_000)).under("rnn.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> wide.recurrentConfig(""))
        .withMessageContaining("1600040000 parameters, but its tensors have only 40001 elements");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                dict("rnn.weight_ih_l0", zeros(40_000, 1), "rnn.weight_ih_l1", zeros(1, 40_000))
                    .recurrent("rnn."))
        .withMessageContaining("parameters, but its tensors have only");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                dict(
                        "rnn.weight_ih_l0", zeros(1, 40_000),
                        "rnn.weight_hh_l0", zeros(1, 1),
                        "fc.weight", zeros(1, 1),
                        "embedding.weight", zeros(40_000, 1))
                    .model())
        .withMessageContaining("parameters, but its tensors have only");
    StateDict besides =
        dict(
            "rnn.weight_ih_l0", zeros(1, 1),
            "rnn.weight_hh_l0", zeros(1, 1000),
            "other", zeros(1000, 1000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> besides.recurrentConfig("rnn."))
        .withMessageContaining("1001000 parameters, but its tensors have only 1001 elements");
  }
}
