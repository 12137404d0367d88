package dev.unroll.bench.serve;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.onnx.ImportedRecurrent;
import dev.unroll.onnx.OnnxImport;
import dev.unroll.report.run.InputException;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The layer that streams go through: its sizes, its weights and some inputs. */
record ServedLayer(Workload workload, Operands operands) {
  private static final long SEED = 20_26;

  /** Inputs, one after another. */
  private static final int FRAMES = 64;

  /** A layer with weights that are drawn, I = H. */
  static ServedLayer drawn(String cell, int hidden) {
    Workload workload = workload(cell, hidden, hidden);
    return new ServedLayer(workload, Operands.of(workload, SEED));
  }

  private static Workload workload(String cell, int inputs, int hidden) {
    return new Workload(cell, Mode.FORWARD, new Shape(1, FRAMES, inputs, hidden), 1);
  }

  /**
   * A layer of an ONNX file.
   *
   * @param name a part of its place in the file; empty for the first that there is
   * @throws InputException if the file cannot be read or has no such layer, or one that cannot be
   *     streamed
   */
  static ServedLayer of(Path file, String name) {
    List<ImportedRecurrent> found;
    try {
      found = OnnxImport.recurrent(file);
    } catch (IOException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
    ImportedRecurrent layer =
        found.stream()
            .filter(each -> (each.graph() + "/" + each.name()).contains(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new InputException(
                        "'%s' has no recurrent layer%s; there are %s."
                            .formatted(
                                file, name.isEmpty() ? "" : " named '" + name + "'", found)));
    if (!layer.problem().isEmpty() || layer.reversed()) {
      throw new InputException(
          "'%s' cannot be streamed: %s"
              .formatted(file, layer.reversed() ? layer : layer.problem()));
    }
    return of(layer.recurrent());
  }

  private static ServedLayer of(Recurrent network) {
    RecurrentConfig config = network.config();
    List<String> names = Cells.all().stream().map(Cell::name).toList();
    if (config.bidirectional() || !names.contains(config.cell().name())) {
      throw new InputException(
          "The layer cannot be streamed: it must go in one direction, with a cell out of " + names);
    }
    Workload workload = workload(config.cell().name(), config.inputSize(), config.hiddenSize());
    Operands drawn = Operands.of(workload, SEED);
    int rows = workload.gates() * config.hiddenSize();
    boolean bias = config.bias();
    return new ServedLayer(
        workload,
        new Operands(
            values(network, "weight_ih_l0"),
            values(network, "weight_hh_l0"),
            bias ? values(network, "bias_ih_l0") : new float[rows],
            bias ? values(network, "bias_hh_l0") : new float[rows],
            drawn.own(),
            drawn.x(),
            drawn.gradY()));
  }

  private static float[] values(Recurrent network, String name) {
    Parameters.Slice slice = network.parameters().slice(name);
    return Arrays.copyOfRange(
        network.parameters().values(), slice.offset(), slice.offset() + slice.size());
  }
}
