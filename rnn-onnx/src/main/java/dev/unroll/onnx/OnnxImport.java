package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Parameters;
import dev.unroll.onnx.RecurrentSpec.Direction;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the recurrent layers out of an ONNX model of any other operators. To run a whole model, see
 * {@link OnnxModel}.
 */
public final class OnnxImport {
  private final List<ImportedRecurrent> found = new ArrayList<>();
  private final Memory memory = Memory.ofThisMachine();

  private OnnxImport() {}

  /**
   * Finds the nodes RNN, LSTM and GRU of a model, also inside the branches and bodies of If, Loop
   * and Scan. Weights may be initializers or Constant nodes, of the same graph or one around it, or
   * be sliced and joined from some.
   *
   * @param path the file, with all its data in it
   * @return the nodes in the order of the file; one that has no constant weights, or computes what
   *     no {@link Recurrent} does, says so
   * @throws IOException if the file cannot be read, is no ONNX model or uses an opset before 14
   */
  public static List<ImportedRecurrent> recurrent(Path path) throws IOException {
    return OnnxFile.model(
        path,
        model -> {
          OnnxImport search = new OnnxImport();
          search.search(model.getGraph(), null, "");
          return List.copyOf(search.found);
        });
  }

  private void search(GraphProto graph, @Nullable Scope outer, String place) {
    Scope scope = new Scope(graph, outer, memory);
    for (Node node : scope.nodes) {
      if (Operators.isRecurrent(node)) {
        found.add(found(node, scope, place));
      }
      for (AttributeProto attribute : node.attributes()) {
        String inner =
            (place.isEmpty() ? "" : place + "/") + node.name() + "." + attribute.getName();
        if (attribute.hasG()) {
          search(attribute.getG(), scope, inner);
        }
        attribute.getGraphsList().forEach(each -> search(each, scope, inner));
      }
    }
  }

  private ImportedRecurrent found(Node node, Scope scope, String place) {
    List<String> sources = new ArrayList<>();
    try {
      RecurrentSpec spec = RecurrentSpec.of(node);
      for (int i : new int[] {1, 2, 3, 7}) {
        if (node.hasInput(i)) {
          sources.addAll(scope.sources(node.inputs().get(i)));
        }
      }
      Weights weights =
          Weights.of(
              spec,
              weight(node, 1, scope),
              weight(node, 2, scope),
              node.hasInput(3) ? weight(node, 3, scope) : null,
              spec.peepholes() ? weight(node, 7, scope) : null);
      List<Direction> directions = spec.directions();
      boolean reversed = directions.getFirst().reverse();
      return new ImportedRecurrent(node, place, sources, reversed, recurrent(spec, weights), "");
    } catch (IllegalArgumentException e) {
      return new ImportedRecurrent(
          node, place, sources, false, null, node + " " + e.getMessage() + ".");
    }
  }

  private static Value weight(Node node, int input, Scope scope) {
    String name = node.inputs().get(input);
    if (!scope.isConstant(name)) {
      throw new IllegalArgumentException(
          "takes its weights from '"
              + Node.shortened(name)
              + "', which is no constant of the file, so that they are not known before it runs");
    }
    return scope.constant(name);
  }

  private Recurrent recurrent(RecurrentSpec spec, Weights weights) {
    List<Direction> directions = spec.directions();
    Cell cell = spec.cell(directions.getFirst());
    if (cell == null) {
      throw new IllegalArgumentException(
          "has linear_before_reset = 0, whose equations no Recurrent has: run the model as an"
              + " OnnxModel");
    }
    if (!cell.equals(spec.cell(directions.getLast()))) {
      throw new IllegalArgumentException(
          "has other activations in each direction, which no Recurrent has: run the model as an"
              + " OnnxModel");
    }
    RecurrentConfig config =
        RecurrentConfig.of(cell, weights.inputSize(), weights.hiddenSize())
            .withBias(weights.b() != null)
            .withBidirectional(directions.size() == 2);
    RecurrentLayer.takeMemory(config, memory);
    Parameters parameters = new Parameters();
    Recurrent recurrent = new Recurrent(parameters, "", config);
    for (int d = 0; d < directions.size(); d++) {
      weights.fill(spec.kind(), d, parameters, d == 0 ? "_l0" : "_l0_reverse");
    }
    parameters.changed();
    return recurrent;
  }
}
