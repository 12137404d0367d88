package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Task;
import dev.unroll.train.Model.Readout;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A task and the length that it is trained at, written {@code name:T}:
 *
 * <ul>
 *   <li>{@code copy-first}: a memory ({@link CopyFirstTask});
 *   <li>{@code adding}: a memory of two numbers ({@link AddingTask});
 *   <li>{@code parity}, {@code s3}: a state to be tracked ({@link ParityTask}, {@link
 *       PermutationTask});
 *   <li>{@code echo}, {@code last}: controls that need neither, asked at every step or at the last
 *       ({@link EchoTask}).
 * </ul>
 *
 * @param name the task
 * @param length T in training
 */
public record Problem(String name, int length) {
  private static final List<String> NAMES =
      List.of("copy-first", "adding", "parity", "s3", "echo", "last");
  private static final Pattern FORM =
      Pattern.compile("(?<name>[a-z0-9-]+):(?<length>[1-9]\\d{0,5})");

  /** Tokens of the tasks that may have any number of them. */
  private static final int VOCAB_SIZE = 10;

  /**
   * The problem of this name.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static Problem of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || !NAMES.contains(form.group("name"))) {
      throw new IllegalArgumentException(
          "tasks knows no '"
              + text
              + "'; a task is name:T such as parity:20, the names are "
              + String.join(", ", NAMES)
              + ".");
    }
    Problem problem = new Problem(form.group("name"), Integer.parseInt(form.group("length")));
    if (problem.name.equals("adding") && problem.length < 2) {
      throw new IllegalArgumentException(
          "'" + text + "' has no room for two marks: give 2 or more.");
    }
    return problem;
  }

  /**
   * Checks names of problems.
   *
   * @throws IllegalArgumentException naming the first that cannot be
   */
  public static void require(List<String> texts) {
    texts.forEach(Problem::of);
  }

  /** Whether the input is tokens, not features. */
  public boolean hasTokens() {
    return !name.equals("adding");
  }

  /** Whether a state is to be tracked, which token 0 leaves as it is. */
  public boolean isTracking() {
    return name.equals("parity") || name.equals("s3");
  }

  /** Whether something is to be remembered. */
  public boolean isMemory() {
    return name.equals("copy-first") || name.equals("adding");
  }

  /** Tokens; empty where the input is features. */
  public OptionalInt vocabSize() {
    return switch (name) {
      case "adding" -> OptionalInt.empty();
      case "parity" -> OptionalInt.of(2);
      case "s3" -> OptionalInt.of(PermutationGroup.S3.size());
      default -> OptionalInt.of(VOCAB_SIZE);
    };
  }

  /** Batches of this problem at any length. */
  public Task task(int steps, int batch, RandomGenerator random) {
    return switch (name) {
      case "copy-first" -> new CopyFirstTask(steps, batch, VOCAB_SIZE, random);
      case "adding" -> new AddingTask(steps, batch, random);
      case "parity" -> new ParityTask(steps, batch, random);
      case "s3" -> new PermutationTask(PermutationGroup.S3, steps, batch, random);
      case "echo" -> new EchoTask(steps, batch, VOCAB_SIZE, Readout.EVERY_STEP, random);
      default -> new EchoTask(steps, batch, VOCAB_SIZE, Readout.LAST_STEP, random);
    };
  }
}
