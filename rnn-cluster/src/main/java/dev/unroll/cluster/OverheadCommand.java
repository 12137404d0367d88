package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** What a cluster costs, measured on a standalone one of this machine. */
@Command(
    name = "overhead",
    description = {
      "Measure what a cluster costs, on a master and two workers of this machine; about three"
          + " minutes.",
      "Trials that wait, not trials that compute: on a machine with free cores, what is left is the"
          + " cluster's own time. Then what a fault costs: the longest time without a result."
    },
    mixinStandardHelpOptions = true)
final class OverheadCommand implements Callable<Integer> {
  private static final int WORKERS = 2;
  private static final int WARM_UP = 200;
  private static final int EMPTY = 1000;
  private static final int SECONDS = 40;
  private static final int FAULTS = 60;
  private static final int FAULT_MILLIS = 200;
  private static final int DRIVER_SEEDS = 10;

  /** When trials ended, and what happens once a number of them has. */
  private static final class Watch implements Backend.Listener {
    private final List<Long> ends = new ArrayList<>();
    private final int when;
    private final Runnable what;

    Watch(int when, Runnable what) {
      this.when = when;
      this.what = what;
    }

    @Override
    public void progress(Trial trial, double fraction, String message) {}

    @Override
    public void status(String message) {}

    @Override
    public synchronized void finished(Trial trial, Attempt attempt) {
      ends.add(System.nanoTime());
      if (ends.size() == when) {
        what.run();
      }
    }

    @Override
    public void failed(Trial trial, String why) {}

    /** Seconds from a moment to the last end. */
    double seconds(long from) {
      return (ends.getLast() - from) / 1e9;
    }

    /** The longest time between two ends, in seconds. */
    double longestGap() {
      double longest = 0;
      for (int i = 1; i < ends.size(); i++) {
        longest = Math.max(longest, (ends.get(i) - ends.get(i - 1)) / 1e9);
      }
      return longest;
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("unroll-overhead");
    System.out.println(
        "A master and two workers of one core each, as processes of this machine; about three"
            + " minutes. Logs: "
            + folder);
    try (Loopback cluster = new Loopback(folder, WORKERS)) {
      try (Backend spark = new SparkBackend(ClusterOptions.of(cluster, Map.of()))) {
        measure(spark, cluster);
      }
      say(
          "kill -9 of the driver, started again at once: longest gap",
          "%.1f s",
          killedDriver(cluster, folder));
    }
    return 0;
  }

  private static void measure(Backend spark, Loopback cluster) throws IOException {
    long start = System.nanoTime();
    say("time to the first result", "%.1f s", drill(spark, 1, 0).seconds(start));
    double empty = perTrial(spark);
    say("an empty trial", "%.1f ms", 1e3 * empty);
    say("an empty trial on two threads", "%.3f ms", 1e3 * perTrial(new ThreadPool(WORKERS)));
    say("%d trials of 1 s on two executors".formatted(SECONDS), "%.2f s", ofSeconds(spark));
    say(
        "%d trials of 1 s on two threads".formatted(SECONDS),
        "%.2f s",
        ofSeconds(new ThreadPool(WORKERS)));
    for (int seconds : new int[] {1, 10, 100}) {
      say(
          "executors that one driver feeds with trials of %d s (computed: %d s / an empty trial)"
              .formatted(seconds, seconds),
          "%.0f",
          seconds / empty);
    }
    gap("no fault", spark, Map.of(), () -> {});
    gap("a trial that throws", spark, Map.of("throws", "20"), () -> {});
    gap("a trial that exhausts its heap", spark, Map.of("fills_heap", "20"), () -> {});
    gap("a trial that halts its JVM", spark, Map.of("halts", "20"), () -> {});
    gap("kill -9 of an executor", spark, Map.of(), cluster::killExecutor);
    gap("kill -9 of a worker and its executor", spark, Map.of(), cluster::killWorker);
    cluster.addWorker();
  }

  private static void gap(String fault, Backend spark, Map<String, String> bad, Runnable what)
      throws IOException {
    Map<String, String> overrides = new HashMap<>(bad);
    overrides.put("trials", Integer.toString(FAULTS));
    overrides.put("millis", Integer.toString(FAULT_MILLIS));
    Watch watch = new Watch(FAULTS / 3, what);
    drill(spark, overrides, watch);
    say(
        "%s, trials of %d ms: %d of %d finish, longest gap"
            .formatted(fault, FAULT_MILLIS, watch.ends.size(), FAULTS),
        "%.1f s",
        watch.longestGap());
  }

  /** Seconds for each of many trials that do nothing, once what runs them is warm. */
  private static double perTrial(Backend backend) throws IOException {
    drill(backend, WARM_UP, 0);
    long start = System.nanoTime();
    return drill(backend, EMPTY, 0).seconds(start) / EMPTY;
  }

  private static double ofSeconds(Backend backend) throws IOException {
    long start = System.nanoTime();
    return drill(backend, SECONDS, 1000).seconds(start);
  }

  private static Watch drill(Backend backend, int trials, int millis) throws IOException {
    Watch watch = new Watch(0, () -> {});
    drill(
        backend,
        Map.of("trials", Integer.toString(trials), "millis", Integer.toString(millis)),
        watch);
    return watch;
  }

  private static void drill(Backend backend, Map<String, String> overrides, Watch watch)
      throws IOException {
    Settings settings = Drill.EXPERIMENT.settings(false).override("drill", overrides);
    try {
      backend.run(
          new Backend.Sweep(Drill.EXPERIMENT, false, overrides, settings, Path.of("")),
          Drill.EXPERIMENT.trials(settings, 1).stream()
              .map(trial -> new Backend.Request(trial, null))
              .toList(),
          watch);
    } catch (InputException someWentWrong) {
      if (watch.ends.isEmpty()) {
        throw someWentWrong;
      }
    }
  }

  /** The longest time in which a run whose driver is killed and started again got no record. */
  private static double killedDriver(Loopback cluster, Path folder)
      throws IOException, InterruptedException {
    Path out = folder.resolve("runs");
    Process driver = driver(cluster, out);
    try {
      long before = 0;
      long last = 0;
      double longest = 0;
      boolean killed = false;
      while (driver.isAlive()) {
        long records = records(out);
        if (records > before) {
          long now = System.nanoTime();
          longest = before == 0 ? 0 : Math.max(longest, (now - last) / 1e9);
          last = now;
          before = records;
        }
        if (!killed && records > 3 * DRIVER_SEEDS) {
          killed = true;
          driver.destroyForcibly().waitFor();
          driver = driver(cluster, out);
        }
        Thread.sleep(10);
      }
      if (driver.exitValue() != 0) {
        throw new IllegalStateException("The run after a killed driver failed, see " + folder);
      }
      return longest;
    } finally {
      driver.destroyForcibly();
    }
  }

  private static Process driver(Loopback cluster, Path out) throws IOException {
    List<String> command = java();
    command.addAll(List.of("run", "copy-first", "--quick", "--seeds", "" + DRIVER_SEEDS));
    command.addAll(List.of("--on", cluster.url(), "--out", out.toString()));
    command.addAll(List.of("--properties-file", cluster.properties().toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(out.resolveSibling("driver.log").toFile()))
        .start();
  }

  /** The words that start this program in another JVM like this one. */
  static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return command;
  }

  private static long records(Path out) throws IOException {
    if (!Files.exists(out)) {
      return 0;
    }
    try (Stream<Path> runs = Files.list(out)) {
      Path metrics = runs.findFirst().map(run -> run.resolve("metrics.jsonl")).orElse(out);
      return Files.isRegularFile(metrics) ? Files.readString(metrics).lines().count() : 0;
    }
  }

  private static void say(String what, String format, double value) {
    System.out.printf("%s: %s%n", what, Numbers.format(format, value));
  }
}
