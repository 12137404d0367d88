package dev.unroll.experiments;

import dev.unroll.cell.Initializer;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws text from a saved character model. */
@Command(
    name = "sample",
    description = "Draw text from a model that char-lm --save wrote.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class SampleCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "The model, as safetensors.")
  private Path model;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "Above 1 bolder, below 1 safer (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "500",
      description = "Characters to draw (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = {"--prime", "--primetext"},
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Text to go on from (default: the model's first character).")
  private String prime;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new InputException(
          "--temperature " + temperature + " cannot be: give a number above 0.");
    }
    if (length < 1) {
      throw new InputException("--length " + length + " is too short: give 1 or more.");
    }
    CharModel chars = CharModel.load(model);
    String start = prime.isEmpty() ? chars.vocabulary().decode(0) : prime;
    System.out.println(prime + chars.sample(start, length, temperature, Initializer.random(seed)));
    return 0;
  }
}
