package dev.unroll.bench.gate;

import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.report.number.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures pairs: A B, then B A, then A B ... Benchmarks of one thread run in a process that is
 * pinned to one core where Linux's {@code taskset} exists; those of two threads in one that is not
 * pinned.
 */
final class Pairs {
  private static final Pattern LAST_CORE =
      Pattern.compile("Cpus_allowed_list:\\s*(?:.*[-,])?(\\d+)");
  private static final int ROUNDS = 8;

  private final Core base;
  private final Core candidate;
  private final List<Gated> benchmarks;
  private final PairLog log;
  private final boolean candidateFirst;
  private final List<String> pin;

  /**
   * Prepares to measure. Who begins is drawn by lot.
   *
   * @param log holds the pairs measured before, and takes each as it comes
   */
  Pairs(Core base, Core candidate, List<Gated> benchmarks, PairLog log) {
    this.base = base;
    this.candidate = candidate;
    this.benchmarks = benchmarks;
    this.log = log;
    this.candidateFirst =
        log.pairs().isEmpty()
            ? ThreadLocalRandom.current().nextBoolean()
            : log.pairs().getFirst().candidateFirst();
    this.pin = pin();
  }

  /** All pairs so far. */
  List<Pair> measured() {
    return log.pairs();
  }

  /** How processes are bound to cores, in words. */
  String pinning() {
    return pin.isEmpty()
        ? "nothing is pinned to a core (no taskset)"
        : "benchmarks of one thread are pinned to core %s, those of two threads to none"
            .formatted(pin.getLast());
  }

  /**
   * Measures pairs until there are so many, or until the next would end after the deadline.
   *
   * @param deadline of {@link System#nanoTime}
   * @param plants percent that the candidate's calls are slowed down by, each on its own
   */
  void gather(int goal, long deadline, int... plants) throws IOException, InterruptedException {
    long pairNanos = 0;
    for (int index = log.pairs().size(); index < goal; index++) {
      long before = System.nanoTime();
      if (before + pairNanos > deadline) {
        System.out.printf("The time is over: %d pairs.%n", index);
        return;
      }
      log.add(measure(index, plants));
      pairNanos = System.nanoTime() - before;
      System.out.println(Numbers.format("Pair %d (%.1f s)", index + 1, pairNanos / 1e9));
    }
  }

  /**
   * Measures one pair.
   *
   * @param index from 0: it decides who goes first
   * @param plants percent that the candidate's calls are slowed down by, each on its own
   */
  private Pair measure(int index, int[] plants) throws IOException, InterruptedException {
    boolean swap = candidateFirst == (index % 2 == 0);
    Turn[] turns = {empty(), empty()};
    Map<Boolean, List<String>> groups =
        benchmarks.stream()
            .collect(
                Collectors.partitioningBy(
                    b -> b.threads() == 1, Collectors.mapping(Gated::name, Collectors.toList())));
    // The candidate's results are checked once: the same code computes the same the next time.
    for (boolean single : new boolean[] {true, false}) {
      List<String> names = Objects.requireNonNull(groups.get(single));
      for (int i = 0; i < 2 && !names.isEmpty(); i++) {
        int side = swap ? 1 - i : i;
        Turn turn =
            turn(
                side == 0 ? base : candidate,
                single ? pin : List.of(),
                index == 0 && side == 1,
                side == 0 ? new int[] {0} : plants,
                names);
        turns[side].measured().putAll(turn.measured());
        turns[side].failures().putAll(turn.failures());
      }
    }
    return new Pair(swap, turns[0], turns[1]);
  }

  private static Turn empty() {
    return new Turn(new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  private static Turn turn(
      Core core, List<String> launcher, boolean check, int[] plants, List<String> names)
      throws IOException, InterruptedException {
    List<String> args = new ArrayList<>();
    args.add(check ? "check" : "trust");
    args.add(Integer.toString(ROUNDS));
    args.add(IntStream.of(plants).mapToObj(Integer::toString).collect(Collectors.joining(",")));
    args.addAll(names);
    ForkedJvm.Job job =
        new ForkedJvm.Job(
            core.classPath(), GateFork.FLAGS, GateFork.class, args, Map.of(), launcher);
    List<Turn> turns = new ArrayList<>();
    try {
      ForkedJvm.run(job, message -> turns.add(message.as(Turn.class)));
    } catch (IllegalStateException e) {
      return died(names, String.valueOf(e.getMessage()));
    }
    return turns.isEmpty() ? died(names, "the measuring process sent no result") : turns.getFirst();
  }

  /** A process that dies takes its benchmarks with it; the gate says so for each. */
  private static Turn died(List<String> names, String why) {
    Turn turn = empty();
    names.forEach(name -> turn.failures().put(name, why));
    return turn;
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
