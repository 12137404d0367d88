package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.peer.UnrollPeer;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.SteadyTables;
import dev.unroll.bench.result.ForkTime;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.util.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.type.TypeReference;

/**
 * {@code steady}: the same work in several processes, each in its own random order. What a process
 * ran before decides how the compiler sees the kernels; a kernel is done when that never shows.
 */
@Command(
    name = "steady",
    description = {
      "Measures the spread from process to process.",
      "Runs every shape in a random order in one process, in several processes, and says how much"
          + " slower the slowest process is at each shape than the median one. A process goes"
          + " through its shapes twice and counts the better time of each."
    },
    footer = {
      "",
      "Examples:",
      "  steady",
      "  steady --forks 3 --mode forward",
      "  steady --resume 2026-01-31-120000-steady"
    },
    mixinStandardHelpOptions = true)
public final class SteadyCommand implements Callable<Integer> {
  private static final long FIRST_WARM_UP_NANOS = 1_500_000_000;
  private static final long WARM_UP_NANOS = 100_000_000;
  private static final long NANOS = 100_000_000;
  private static final int LEAST_CALLS = 3;

  /** How often a process comes to each workload, so that a passing disturbance counts less. */
  private static final int VISITS = 2;

  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(
      names = "--forks",
      defaultValue = "10",
      paramLabel = "N",
      description = "Processes; default ${DEFAULT-VALUE}, some two minutes each.")
  private int forks;

  @Option(names = "--mode", paramLabel = "MODE", description = "forward or training; default both.")
  private @Nullable String mode;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description = "Completes this run: adds the processes it lacks.")
  private @Nullable String resume;

  /** Made by picocli. */
  public SteadyCommand() {}

  @Override
  public Integer call() throws Exception {
    if (forks < 2) {
      throw new ParameterException(
          spec.commandLine(), "--forks must be at least 2 to compare any, but is " + forks);
    }
    List<String> workloads = workloads();
    RunFolder folder = Runs.begunOrNew(resume, destination, "steady");
    Session session = Session.in(folder, "steady", Program.words(spec));
    List<ForkTime> times = new ArrayList<>();
    if (folder.has(Runs.STEADY)) {
      times.addAll(folder.read(Runs.STEADY, new TypeReference<List<ForkTime>>() {}));
    }
    List<Integer> missing =
        IntStream.rangeClosed(1, forks)
            .filter(fork -> times.stream().noneMatch(time -> time.fork() == fork))
            .boxed()
            .toList();
    Progress.announce(
        System.out,
        "%d processes of %d workloads".formatted(missing.size(), workloads.size()),
        "some two minutes each",
        folder.path());
    try (Progress progress = new Progress("steady", "processes", forks, forks - missing.size())) {
      for (int fork : missing) {
        times.addAll(measure(fork, workloads));
        folder.writeJson(Runs.STEADY, times);
        session.save();
        progress.finished(1, "process " + fork);
      }
    }
    session.end(List.of());
    System.out.printf("%n%s%nReport: %s%n", SteadyTables.summary(times), Report.write(folder));
    return 0;
  }

  private List<String> workloads() {
    List<String> workloads = new ArrayList<>();
    for (Mode known : Mode.values()) {
      if (mode == null || known.label().equals(mode)) {
        for (String cell : Workload.CELLS) {
          for (Shape s : Workload.SHAPES) {
            workloads.add(
                "%s %s %d,%d,%d,%d"
                    .formatted(
                        cell, known.label(), s.batch(), s.steps(), s.inputSize(), s.hiddenSize()));
          }
        }
      }
    }
    if (workloads.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no mode '" + mode + "': choose forward or training");
    }
    return workloads;
  }

  private static List<ForkTime> measure(int fork, List<String> workloads)
      throws IOException, InterruptedException {
    List<String> shuffled = new ArrayList<>(workloads);
    Collections.shuffle(shuffled, new Random(fork));
    List<String> arguments = new ArrayList<>(List.of(Integer.toString(fork)));
    arguments.addAll(shuffled);
    List<ForkTime> times = new ArrayList<>();
    ForkedJvm.run(
        ForkedJvm.Job.of(SteadyCommand.class, arguments),
        message -> times.add(message.as(ForkTime.class)));
    return times;
  }

  /**
   * The measuring process, on one thread: goes through the workloads and sends a time for each,
   * checked before it is timed, and then once more through all.
   *
   * @param args the number of the process, then workloads as {@code cell mode B,T,I,H}
   */
  public static void main(String[] args) {
    int fork = Integer.parseInt(args[0]);
    List<String> workloads = List.of(args).subList(1, args.length);
    long warmUp = FIRST_WARM_UP_NANOS;
    for (int visit = 1; visit <= VISITS; visit++) {
      for (String arg : workloads) {
        String[] words = arg.split(" ", -1);
        Workload workload =
            new Workload(
                words[0],
                Mode.valueOf(words[1].toUpperCase(Locale.ROOT)),
                Shape.parse(words[2]),
                1);
        Operands operands = Operands.of(workload, 1);
        try (UnrollPeer.UnrollLayer layer =
            visit == 1
                ? UnrollPeer.verified(workload, operands)
                : new UnrollPeer().prepare(workload, operands)) {
          calls(layer, warmUp, 1);
          double[] micros = calls(layer, NANOS, LEAST_CALLS);
          double tenth = Precision.round(StatUtils.percentile(micros, 10), 3);
          Message.send("time", new ForkTime(fork, visit, arg, tenth));
        }
        warmUp = WARM_UP_NANOS;
      }
    }
  }

  private static double[] calls(UnrollPeer.UnrollLayer layer, long nanos, int least) {
    List<Double> micros = new ArrayList<>();
    long start = System.nanoTime();
    long last = start;
    while (micros.size() < least || last - start < nanos) {
      layer.run();
      long now = System.nanoTime();
      micros.add((now - last) / 1e3);
      last = now;
    }
    return micros.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
