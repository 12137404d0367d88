package dev.unroll.verify;

import dev.unroll.io.Safetensors;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Holds the library against golden files: safetensors with inputs, parameters and the results that
 * PyTorch computed from them in double. What a file holds is told by its tensors and metadata: a
 * {@link LayerCase} or a {@link TrainingTrace}.
 */
public final class GoldenVerifier {
  /** Every file passed. */
  public static final int PASSED = 0;

  /** At least one file failed. */
  public static final int FAILED = 1;

  /** There was nothing to verify. */
  public static final int NOTHING = 2;

  private GoldenVerifier() {}

  /**
   * Verifies every safetensors file of a folder, in the order of their names, and prints a line for
   * each: its name, pass or FAIL, and the worst relative error of each group of tensors.
   *
   * @param folder the folder, or one file
   * @param out where to print
   * @return an exit code: {@link #PASSED}, {@link #FAILED} or {@link #NOTHING}
   */
  public static int run(Path folder, PrintStream out) {
    List<Path> files;
    try {
      files = files(folder);
    } catch (IOException e) {
      out.println(
          "'" + folder + "' cannot be read as a folder: give the folder of the golden files.");
      return NOTHING;
    }
    if (files.isEmpty()) {
      out.println("'" + folder + "' holds no .safetensors file: give the folder of golden files.");
      return NOTHING;
    }
    int failed = 0;
    for (Path file : files) {
      Verdict verdict = verify(file);
      out.println(verdict);
      failed += verdict.passed() ? 0 : 1;
    }
    out.printf("%d files: %d passed, %d failed%n", files.size(), files.size() - failed, failed);
    return failed == 0 ? PASSED : FAILED;
  }

  /**
   * {@return the golden files of a folder, sorted}
   *
   * @param folder the folder, or one file
   * @throws IOException if it cannot be listed
   */
  public static List<Path> files(Path folder) throws IOException {
    if (Files.isRegularFile(folder)) {
      return List.of(folder);
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  /**
   * Verifies one file. A file that cannot be read or understood fails; nothing is thrown.
   *
   * @param file the file
   * @return what came out
   */
  public static Verdict verify(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.safetensors$", "");
    try {
      Safetensors golden = Safetensors.read(file);
      if (golden.tensors().containsKey("losses")) {
        return TrainingTrace.verify(name, golden);
      }
      if (golden.tensors().containsKey("x")) {
        return LayerCase.verify(name, golden);
      }
      return Verdict.failure(
          name, "it has neither x, as a layer's case has, nor losses, as a training trace has.");
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return Verdict.failure(name, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return Verdict.failure(
          name, "its tensors do not fit together (" + e + "): make the file again.");
    }
  }
}
