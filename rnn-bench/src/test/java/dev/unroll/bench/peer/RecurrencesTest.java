package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import java.io.ByteArrayInputStream;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What runs in ONNX Runtime is run here; PyTorch's programs are checked when it is compared. */
class RecurrencesTest {
  static List<String> written() {
    return Cells.all().stream().map(Cell::name).filter(Recurrences::has).toList();
  }

  private static Workload workload(String cell, Shape shape) {
    int heads = Cells.named(cell) instanceof DeltaCell ? 2 : 1;
    return new Workload(cell, Mode.FORWARD, shape, 1, heads);
  }

  @Test
  void everyCellIsOffered() {
    assertThat(Cells.all()).allMatch(cell -> Recurrences.isOffered(cell.name()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TorchScript(workload("lstm", new Shape(1, 2, 3, 4))))
        .withMessage("there is no loop of lstm");
  }

  @ParameterizedTest
  @MethodSource("written")
  void onnxRuntimeComputesWhatThisLibraryDoes(String cell) throws Exception {
    for (Shape shape : List.of(new Shape(3, 7, 5, 6), new Shape(1, 9, 4, 34))) {
      Workload workload = workload(cell, shape);
      Operands operands = Operands.of(workload, 1);
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      byte[] model = OnnxLoop.pass(workload, operands).toByteArray();
      long[] sizes = {shape.steps(), shape.batch(), shape.inputSize()};
      try (UnrollLayer ours = UnrollPeer.verified(workload, operands);
          OrtSession session = environment.createSession(model);
          OnnxTensor x =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(operands.x()), sizes);
          OrtSession.Result result = session.run(Map.of("x", x))) {
        FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] y = new float[buffer.remaining()];
        buffer.get(y);
        Checks.agree(workload, ours.results(), "ONNX Runtime", Map.of("y", y), Checks.TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("written")
  void aProgramOfTorchScriptIsAnArchiveOfFourParts(String cell) throws Exception {
    Workload workload = workload(cell, new Shape(3, 7, 5, 6));
    TorchScript script = new TorchScript(workload);
    Operands operands = Operands.of(workload, 1);
    assertThat(script.shapes().keySet())
        .allSatisfy(name -> assertThat(operands.parameter(name)).isNotEmpty())
        .hasSameSizeAs(operands.parameters().keySet());
    List<String> names = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(script.archive()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
        assertThat(zip.readAllBytes()).isNotEmpty();
      }
    }
    assertThat(names)
        .containsExactly(
            "layer/data.pkl", "layer/code/__torch__.py", "layer/constants.pkl", "layer/version");
  }
}
