package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.unroll.io.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Holds {@link OnnxModel} against the backend tests of ONNX, or others of the same form: folders
 * with a {@code model.onnx} and data sets {@code test_data_set_N} of {@code input_K.pb} and {@code
 * output_K.pb}, each a tensor.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md">the format</a>
 */
public final class OnnxVerifier {
  /** Every case passed. */
  public static final int PASSED = 0;

  /** At least one case failed, or there was none. */
  public static final int FAILED = 1;

  /** The tolerance of ONNX's own runner: |ours - expected| at most 1e-7 + 1e-3 |expected|. */
  private static final double RELATIVE = 1e-3;

  private static final double ABSOLUTE = 1e-7;

  /** Four roundings of a float, by which a sum of large terms may miss a small value. */
  private static final double ROUNDINGS = 0x1p-22;

  private final PrintStream out;
  private int passed;
  private int failed;
  private int skipped;
  private int others;

  private OnnxVerifier(PrintStream out) {
    this.out = out;
  }

  /**
   * Runs every case that has a recurrent operator, anywhere in its graph, in the order of their
   * names. Prints a line for each: pass with the largest difference, FAIL, or skip where an
   * operator around it is not supported; then how many there were of each, and of cases without
   * one.
   *
   * @param folder the folder of the cases' folders, or one case's folder
   * @param out where to print
   * @return an exit code: {@link #PASSED} or {@link #FAILED}
   */
  public static int run(Path folder, PrintStream out) {
    return new OnnxVerifier(out).run(folder);
  }

  private int run(Path folder) {
    List<Path> cases;
    try (Stream<Path> files = Files.list(folder)) {
      cases =
          Files.exists(folder.resolve("model.onnx"))
              ? List.of(folder)
              : files.filter(f -> Files.exists(f.resolve("model.onnx"))).sorted().toList();
    } catch (IOException e) {
      out.println("'" + folder + "' cannot be read as a folder: give the folder of the cases.");
      return FAILED;
    }
    cases.forEach(this::verify);
    if (passed + failed + skipped == 0) {
      out.println(
          "'"
              + folder
              + "' holds no case with a recurrent operator: give a folder of folders that hold"
              + " model.onnx and test_data_set_0.");
      return FAILED;
    }
    out.printf(
        "%d cases: %d passed, %d failed, %d skipped; %d without a recurrent operator passed over%n",
        passed + failed + skipped, passed, failed, skipped, others);
    return failed == 0 && passed > 0 ? PASSED : FAILED;
  }

  private void verify(Path folder) {
    Path file = folder.resolve("model.onnx");
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    try {
      OnnxModel model =
          OnnxFile.anyModel(
              file,
              proto -> {
                if (!hasRecurrent(proto.getGraph())) {
                  return null;
                }
                OnnxFile.requireOpset(proto);
                return OnnxModel.of(proto);
              });
      if (model == null) {
        others++;
        return;
      }
      double worst = 0;
      int sets = 0;
      while (Files.isDirectory(folder.resolve("test_data_set_" + sets))) {
        worst = Math.max(worst, verify(model, folder.resolve("test_data_set_" + sets)));
        sets++;
      }
      if (sets == 0) {
        throw new IllegalArgumentException("it has no folder test_data_set_0");
      }
      out.printf("pass %s: largest difference %.1e%n", name, worst);
      model.notes().forEach(note -> out.println("     " + note));
      passed++;
    } catch (IOException | IllegalArgumentException e) {
      if (e.getCause() instanceof Operators.Unsupported) {
        out.println("skip " + name + ": " + e.getMessage());
        skipped++;
      } else {
        out.println("FAIL " + name + ": " + e.getMessage());
        failed++;
      }
    } catch (RuntimeException e) {
      out.println("FAIL " + name + ": this is a bug, please report it (" + e + ")");
      failed++;
    }
  }

  /** {@return whether a graph has a recurrent operator, or one of its nodes' graphs has} */
  private static boolean hasRecurrent(GraphProto graph) {
    for (NodeProto proto : graph.getNodeList()) {
      if (Operators.isRecurrent(new Node(proto))) {
        return true;
      }
      for (AttributeProto attribute : proto.getAttributeList()) {
        if (hasRecurrent(attribute.getG())
            || attribute.getGraphsList().stream().anyMatch(OnnxVerifier::hasRecurrent)) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@return the largest difference of one data set} */
  private static double verify(OnnxModel model, Path set) throws IOException {
    Map<String, Tensor> inputs = new HashMap<>();
    Iterator<String> names = model.inputs().iterator();
    for (int k = 0; Files.exists(set.resolve("input_" + k + ".pb")); k++) {
      if (!names.hasNext()) {
        throw new IllegalArgumentException("it has more inputs in " + set + " than in its graph");
      }
      inputs.put(names.next(), OnnxFile.tensor(set.resolve("input_" + k + ".pb")).tensor());
    }
    Map<String, Tensor> results = model.run(inputs);
    double worst = 0;
    int k = 0;
    for (Map.Entry<String, Tensor> result : results.entrySet()) {
      Tensor expected = OnnxFile.tensor(set.resolve("output_" + k + ".pb")).tensor();
      worst = Math.max(worst, difference(result.getKey(), result.getValue(), expected));
      k++;
    }
    return worst;
  }

  private static double difference(String name, Tensor ours, Tensor expected) {
    if (ours.type() != expected.type() || !ours.shape().equals(expected.shape())) {
      throw new IllegalArgumentException(
          "output '%s' is %s%s, but %s%s is expected"
              .formatted(name, ours.type(), ours.shape(), expected.type(), expected.shape()));
    }
    double worst = 0;
    double[] a = numbers(ours);
    double[] b = numbers(expected);
    double largest = Arrays.stream(b).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    double absolute = Math.max(ABSOLUTE, ROUNDINGS * largest);
    for (int i = 0; i < a.length; i++) {
      double difference = Double.compare(a[i], b[i]) == 0 ? 0 : Math.abs(a[i] - b[i]);
      if (!(difference <= absolute + RELATIVE * Math.abs(b[i]))) {
        throw new IllegalArgumentException(
            "output '%s' has %s at %d, but %s is expected".formatted(name, a[i], i, b[i]));
      }
      worst = Math.max(worst, difference);
    }
    return worst;
  }

  private static double[] numbers(Tensor tensor) {
    return tensor.type().isFloatingPoint()
        ? tensor.doubles()
        : Arrays.stream(tensor.longs()).asDoubleStream().toArray();
  }
}
