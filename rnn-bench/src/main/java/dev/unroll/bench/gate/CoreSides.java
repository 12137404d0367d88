package dev.unroll.bench.gate;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Two builds of rnn-core. Benchmarks of one thread run in a process that is pinned to one core
 * where Linux's {@code taskset} exists; those of two threads in one that is not pinned.
 */
final class CoreSides implements Sides {
  private static final Pattern LAST_CORE =
      Pattern.compile("Cpus_allowed_list:\\s*(?:.*[-,])?(\\d+)");
  private static final int ROUNDS = 8;

  /** Times as many when a side is recorded, for the recorder looks only now and then. */
  private static final int RECORDED_ROUNDS = 300;

  private final Core base;
  private final Core candidate;
  private final List<Gated> benchmarks;
  private final List<String> pin;

  CoreSides(Core base, Core candidate, List<Gated> benchmarks) {
    this.base = base;
    this.candidate = candidate;
    this.benchmarks = benchmarks;
    this.pin = pin();
  }

  @Override
  public List<? extends Benchmark> benchmarks(List<Pair> pairs) {
    return benchmarks;
  }

  @Override
  public String pinning() {
    return pin.isEmpty()
        ? "nothing is pinned to a core (no taskset)"
        : "benchmarks of one thread are pinned to core %s, those of two threads to none"
            .formatted(pin.getLast());
  }

  @Override
  public String planting() {
    return "after each call it wastes 2, 3, 5 or 10 percent of that call's own time";
  }

  @Override
  public Pair measure(boolean candidateFirst, boolean first, int... plants)
      throws IOException, InterruptedException {
    Turn[] turns = {Turn.EMPTY, Turn.EMPTY};
    Map<Boolean, List<String>> groups =
        benchmarks.stream()
            .collect(
                Collectors.partitioningBy(
                    b -> b.threads() == 1, Collectors.mapping(Gated::name, Collectors.toList())));
    // The candidate's results are checked once: the same code computes the same the next time.
    for (boolean single : new boolean[] {true, false}) {
      List<String> names = Objects.requireNonNull(groups.get(single));
      for (int i = 0; i < 2 && !names.isEmpty(); i++) {
        int side = candidateFirst ? 1 - i : i;
        Turn turn =
            turn(
                new Task(
                    side == 0 ? base : candidate,
                    single ? pin : List.of(),
                    first && side == 1,
                    ROUNDS,
                    side == 0 ? new int[] {0} : plants,
                    names),
                List.of());
        turns[side] = turns[side].and(turn);
      }
    }
    return new Pair(candidateFirst, turns[0], turns[1]);
  }

  @Override
  public void record(boolean ofCandidate, String benchmark, Path recording)
      throws IOException, InterruptedException {
    boolean single =
        benchmarks.stream().anyMatch(b -> b.name().equals(benchmark) && b.threads() == 1);
    turn(
        new Task(
            ofCandidate ? candidate : base,
            single ? pin : List.of(),
            false,
            RECORDED_ROUNDS,
            new int[] {0},
            List.of(benchmark)),
        Profile.flags(recording));
  }

  /** What a process has to do. */
  private record Task(
      Core core,
      List<String> launcher,
      boolean check,
      int rounds,
      int[] plants,
      List<String> names) {}

  private static Turn turn(Task task, List<String> flags) throws IOException, InterruptedException {
    List<String> args = new ArrayList<>();
    args.add(task.check ? "check" : "trust");
    args.add(Integer.toString(task.rounds));
    args.add(
        IntStream.of(task.plants).mapToObj(Integer::toString).collect(Collectors.joining(",")));
    args.addAll(task.names);
    List<String> all = new ArrayList<>(GateFork.FLAGS);
    all.addAll(flags);
    ForkedJvm.Job job =
        new ForkedJvm.Job(
            task.core.classPath(), all, GateFork.class, args, Map.of(), task.launcher);
    List<Turn> turns = new ArrayList<>();
    long[] before = Load.times();
    try {
      ForkedJvm.run(job, message -> turns.add(message.as(Turn.class)));
    } catch (IllegalStateException e) {
      return died(task.names, String.valueOf(e.getMessage()));
    }
    return turns.isEmpty()
        ? died(task.names, "the measuring process sent no result")
        : turns.getFirst().whileBusy(Load.busySince(before));
  }

  /** A process that dies takes its benchmarks with it; the gate says so for each. */
  private static Turn died(List<String> names, String why) {
    return new Turn(Map.of(), names.stream().collect(Collectors.toMap(name -> name, name -> why)));
  }

  private static List<String> pin() {
    @Nullable String core = null;
    try {
      // The last core: the system's own work tends to be on the first.
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        Matcher matcher = LAST_CORE.matcher(line);
        if (matcher.matches()) {
          core = matcher.group(1);
        }
      }
      if (core == null) {
        return List.of();
      }
      List<String> words = List.of("taskset", "-c", core);
      List<String> probe = new ArrayList<>(words);
      probe.add("true");
      Process process = new ProcessBuilder(probe).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0 ? words : List.of();
    } catch (IOException e) {
      return List.of(); // not Linux, or no taskset
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
