package dev.unroll.experiments;

import dev.unroll.verify.GoldenVerifier;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Holds the library against golden files. */
@Command(
    name = "verify-golden",
    description = {
      "Hold the library against golden files, safetensors made with PyTorch.",
      "Prints a line for each with the worst relative error of each group of tensors."
    },
    mixinStandardHelpOptions = true)
final class VerifyGoldenCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder of the files, or one file.")
  private Path folder;

  @Override
  public Integer call() {
    return GoldenVerifier.run(folder, System.out);
  }
}
