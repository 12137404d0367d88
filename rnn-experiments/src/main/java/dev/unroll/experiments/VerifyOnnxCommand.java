package dev.unroll.experiments;

import dev.unroll.onnx.OnnxVerifier;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Holds the library against the backend tests of ONNX. */
@Command(
    name = "verify-onnx",
    description = {
      "Run the backend tests of ONNX that have a recurrent operator.",
      "DIR holds folders of model.onnx and test_data_set_N; each gets a line with the largest",
      "difference."
    },
    mixinStandardHelpOptions = true)
final class VerifyOnnxCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder of the cases, or one case.")
  private Path folder;

  @Override
  public Integer call() {
    return OnnxVerifier.run(folder, System.out);
  }
}
