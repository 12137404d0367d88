package dev.unroll.onnx;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.unroll.io.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The operators in full, over combinations of all attributes and inputs. */
class RecurrentOperatorTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void computesWhatTheSpecificationStates() {
    for (int seed = 0; seed < 600; seed++) {
      RandomNode random = new RandomNode(seed);
      OnnxModel model = OnnxModel.of(random.model);
      // Twice: weights are packed in the first run only.
      model.run(random.inputs);
      compare(seed, random, model.run(random.inputs));
    }
  }

  @Test
  void theReferenceComputesWhatOnnxRuntimeDoes() throws OrtException {
    for (int seed = 0; seed < 300; seed++) {
      RandomNode random = new RandomNode(seed, true);
      compare(seed, random, Ort.run(random.model.toByteArray(), random.inputs));
    }
  }

  private static void compare(int seed, RandomNode random, Map<String, Tensor> results) {
    String what = "seed " + seed + ": " + random;
    Reference reference = new Reference(random.node);
    assertThat(results.keySet()).as(what).containsExactlyElementsOf(random.outputs);
    for (String name : random.outputs) {
      Tensor result = requireNonNull(results.get(name));
      assertThat(result.shape()).as(what).isEqualTo(random.shape(name));
      float[] values = random.inLayout0(name, result);
      double[] expected =
          switch (name) {
            case "Y" -> reference.y;
            case "Y_h" -> reference.yH;
            default -> reference.yC;
          };
      for (int i = 0; i < expected.length; i++) {
        double bound = TOLERANCE * Math.max(1, Math.abs(expected[i]));
        assertThat(Math.abs(values[i] - expected[i]))
            .as("%s, %s[%d]", what, name, i)
            .isLessThan(bound);
      }
    }
  }
}
