package dev.unroll.bench.benchmark;

import static java.util.stream.Collectors.joining;

import dev.unroll.bench.benchmark.Parts.Part;
import dev.unroll.bench.layer.Memory;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.WithoutWarning;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.Point;
import dev.unroll.cell.Cells;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jmh}: JMH itself, with the flags of every measuring JVM unless others are given. */
@Command(
    name = "jmh",
    description = "Passes everything after it to JMH; \"jmh -h\" shows JMH's own help.",
    footer = {
      "",
      "Examples:",
      "  jmh -l",
      "  jmh SequenceLength -p cell=lstm -p steps=100,200 -prof gc",
      "  jmh BatchAndThreads -p batch=64 -rf json -rff target/jmh.json"
    })
public final class JmhCommand implements Callable<Integer> {
  private static final Pattern HEAP = Pattern.compile("-Xmx(\\d+)([gGmM])");

  @Parameters(arity = "0..*", paramLabel = "ARGS", description = "JMH's arguments.")
  private List<String> args = new ArrayList<>();

  /** Made by picocli. */
  public JmhCommand() {}

  /** What {@code java -jar rnn-bench.jar} does. */
  public static void main(String[] args) {
    System.exit(Program.run(commandLine(), args));
  }

  private static CommandLine commandLine() {
    return Program.of(new JmhCommand()).setUnmatchedOptionsArePositionalParams(true);
  }

  @Override
  public Integer call() throws IOException {
    List<String> all = new ArrayList<>(args);
    // Started as a jar, this JVM has no vectors, and only those that measure get them.
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      check(all);
    }
    if (!all.contains("-foe")) {
      // A benchmark that fails is no success.
      all.addAll(List.of("-foe", "true"));
    }
    if (!all.contains("-jvmArgs")) {
      all.addAll(List.of("-jvmArgs", String.join(" ", ForkedJvm.flags())));
    } else if (!all.contains("-jvmArgsPrepend")) {
      all.addAll(List.of("-jvmArgsPrepend", ForkedJvm.VECTORS));
    }
    CommandLineOptions options;
    try {
      options = new CommandLineOptions(all.toArray(String[]::new));
    } catch (CommandLineOptionException e) {
      throw new InputException(e.getMessage() + ": \"-h\" shows JMH's options.");
    }
    if (options.shouldHelp()
        || options.shouldList()
        || options.shouldListWithParams()
        || options.shouldListProfilers()
        || options.shouldListResultFormats()) {
      org.openjdk.jmh.Main.main(all.toArray(String[]::new));
      return 0;
    }
    PrintStream out = System.out;
    System.setOut(WithoutWarning.of(out));
    try {
      for (RunResult result : new Runner(EndWithParent.with(options)).run()) {
        Result<?> primary = result.getPrimaryResult();
        if (primary.getScoreError() > primary.getScore()) {
          Point point = Point.read(BenchmarkFork.json(List.of(result))).getFirst();
          System.out.println("Doubtful, as its error exceeds its score: " + Text.name(point));
        }
      }
    } catch (NoBenchmarksException e) {
      throw new InputException(
          "No benchmark matches %s: \"-l\" lists them.".formatted(options.getIncludes()));
    } catch (RunnerException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } finally {
      System.out.flush();
      System.setOut(out);
    }
    return 0;
  }

  /**
   * Checks the values of parameters, which JMH would only find in the measuring process.
   *
   * @throws IllegalArgumentException if one cannot be
   */
  private static void check(List<String> args) {
    CommandLineOptions options;
    try {
      options = new CommandLineOptions(args.toArray(String[]::new));
    } catch (CommandLineOptionException e) {
      return; // JMH itself says what is wrong
    }
    given(options, "cell").forEach(Cells::named);
    given(options, "mode").forEach(name -> constant(Mode.values(), "mode", name));
    given(options, "part").forEach(name -> constant(Part.values(), "part", name));
    Shape largest =
        Shape.square(
            largest(options, "batch", 1),
            largest(options, "steps", 1),
            largest(options, "hidden", 128));
    int threads = largest(options, "threads", 1);
    String heap = String.join(" ", options.getJvmArgs().orElse(ForkedJvm.flags()));
    heap += " " + String.join(" ", options.getJvmArgsAppend().orElse(List.of()));
    Matcher limit = HEAP.matcher(heap);
    long bytes = Long.MAX_VALUE;
    while (limit.find()) {
      bytes = Long.parseLong(limit.group(1)) << (limit.group(2).equalsIgnoreCase("g") ? 30 : 20);
    }
    for (String cell : given(options, "cell")) {
      Mode mode =
          List.of("FORWARD").equals(List.copyOf(given(options, "mode")))
              ? Mode.FORWARD
              : Mode.TRAINING;
      Memory.require(new Workload(cell, mode, largest, threads), bytes);
    }
  }

  private static Collection<String> given(CommandLineOptions options, String name) {
    return options.getParameter(name).orElse(List.of());
  }

  private static int largest(CommandLineOptions options, String name, int otherwise) {
    int largest = 0;
    for (String value : given(options, name)) {
      int number;
      try {
        number = Integer.parseInt(value);
      } catch (NumberFormatException e) {
        number = 0;
      }
      if (number < 1) {
        throw new IllegalArgumentException(
            "-p %s=%s: a whole number of at least 1 is expected".formatted(name, value));
      }
      largest = Math.max(largest, number);
    }
    return largest == 0 ? otherwise : largest;
  }

  private static <E extends Enum<E>> void constant(E[] constants, String name, String value) {
    if (Arrays.stream(constants).noneMatch(constant -> constant.name().equals(value))) {
      throw new IllegalArgumentException(
          "-p %s=%s: choose from %s"
              .formatted(
                  name, value, Arrays.stream(constants).map(Enum::name).collect(joining(", "))));
    }
  }
}
