package dev.unroll.bench.gate;

import dev.unroll.bench.machine.Load;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Two jars of JMH benchmarks, such as those that JMH's archetype builds. A turn runs each benchmark
 * in a fork of its own, first on one side and then on the other; a call's time is the mean of an
 * iteration.
 */
final class JarSides implements Sides {
  /** JMH's options unless others are given: two seconds a benchmark and side. */
  static final String OPTIONS = "-wi 5 -w 200ms -i 10 -r 100ms";

  /** What a turn sets itself. */
  private static final Set<String> OURS = Set.of("-f", "-rf", "-rff", "-o", "-l", "-lp", "-jar");

  /** JMH's property: runs beside another JMH, which tests may. */
  private static final String IGNORE_LOCK = "jmh.ignoreLock";

  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final double FEMTO = 1e15;

  /** A result of a benchmark with one choice of its parameters. */
  private record JmhBenchmark(String name) implements Benchmark {
    @Override
    public int threads() {
      return 1; // whoever wrote it knows; pairs are compared as they are
    }
  }

  private final Path base;
  private final Path candidate;
  private final List<String> options;

  /** By name of a benchmark: its parameters, a line each. */
  private final Map<String, List<String>> baseLists;

  private final Map<String, List<String>> candidateLists;

  /**
   * Asks two jars what they hold.
   *
   * @param only a regular expression of the benchmarks' names
   * @param options JMH's, such as {@code -wi 5 -p size=10}; empty for what the benchmarks say
   * @throws IllegalArgumentException if a jar holds no such benchmark, or an option is ours
   */
  JarSides(Path base, Path candidate, String only, String options)
      throws IOException, InterruptedException {
    this.base = base;
    this.candidate = candidate;
    this.options = options.isBlank() ? List.of() : List.of(SPACE.split(options.strip()));
    for (String option : this.options) {
      if (OURS.contains(option)) {
        throw new IllegalArgumentException(
            "--jmh '%s' sets %s, which the gate sets itself: leave it out"
                .formatted(options, option));
      }
    }
    this.baseLists = lists(base, only, this.options);
    this.candidateLists = lists(candidate, only, this.options);
    if (common().isEmpty()) {
      throw new IllegalArgumentException(
          "%s and %s have no benchmark in common that matches '%s': they have %s and %s"
              .formatted(
                  base.getFileName(),
                  candidate.getFileName(),
                  only,
                  baseLists.keySet(),
                  candidateLists.keySet()));
    }
  }

  private List<String> common() {
    return baseLists.keySet().stream().filter(candidateLists::containsKey).toList();
  }

  /** What differs between the lists of both. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    candidateLists.keySet().stream()
        .filter(name -> !baseLists.containsKey(name))
        .forEach(name -> notes.add(name + " is new: the base does not have it"));
    common().stream()
        .filter(name -> !parameters(name, baseLists).equals(parameters(name, candidateLists)))
        .forEach(
            name ->
                notes.add(
                    "%s has other parameters on the base (%s) than on the candidate (%s)"
                        .formatted(
                            name, parameters(name, baseLists), parameters(name, candidateLists))));
    return notes;
  }

  private static List<String> parameters(String name, Map<String, List<String>> lists) {
    return lists.getOrDefault(name, List.of());
  }

  /** A decision for each benchmark that the base alone has. */
  List<Decision> gone() {
    return baseLists.keySet().stream()
        .filter(name -> !candidateLists.containsKey(name))
        .map(name -> Judge.notCompared(name, "only the base has it"))
        .toList();
  }

  /** What a log of pairs is of. */
  String subject() {
    return "%s against %s, %s, %s"
        .formatted(
            new Core(candidate).fingerprint(), new Core(base).fingerprint(), common(), options);
  }

  @Override
  public List<? extends Benchmark> benchmarks(List<Pair> pairs) {
    Set<String> names = new LinkedHashSet<>();
    for (Pair pair : pairs) {
      for (Turn turn : List.of(pair.base(), pair.candidate())) {
        names.addAll(turn.measured().keySet());
        names.addAll(turn.failures().keySet());
      }
    }
    return names.stream().map(JmhBenchmark::new).toList();
  }

  @Override
  public String pinning() {
    return "JMH's options: "
        + (options.isEmpty() ? "the benchmarks' own" : String.join(" ", options))
        + ", one fork a turn; nothing is pinned to a core";
  }

  @Override
  public String planting() {
    return "the times of each call are multiplied, by 1.02, 1.03, 1.05 or 1.1";
  }

  @Override
  public Pair measure(boolean candidateFirst, boolean first, int... plants)
      throws IOException, InterruptedException {
    Turn[] turns = {Turn.EMPTY, Turn.EMPTY};
    for (String name : common()) {
      for (int i = 0; i < 2; i++) {
        int side = candidateFirst ? 1 - i : i;
        turns[side] =
            turns[side].and(
                turn(side == 0 ? base : candidate, name, side == 0 ? new int[] {0} : plants));
      }
    }
    return new Pair(
        candidateFirst, withReasons(turns[0], turns[1]), withReasons(turns[1], turns[0]));
  }

  /**
   * A benchmark that failed has no parameters in its name: its failure goes to each result that the
   * other side has of it and this one has not.
   */
  private static Turn withReasons(Turn turn, Turn other) {
    Map<String, String> failures = new LinkedHashMap<>();
    turn.failures()
        .forEach(
            (name, why) -> {
              List<String> missing =
                  other.measured().keySet().stream()
                      .filter(result -> benchmark(result).equals(name))
                      .filter(result -> !turn.measured().containsKey(result))
                      .toList();
              missing.forEach(result -> failures.put(result, why));
              if (missing.isEmpty()) {
                failures.put(name, why);
              }
            });
    return new Turn(turn.measured(), failures, turn.environment(), turn.busy());
  }

  /** The benchmark of a result, whose name may go on with its parameters and mode. */
  private static String benchmark(String result) {
    return result.replaceFirst(" .*", "");
  }

  @Override
  public void record(boolean ofCandidate, String benchmark, Path recording)
      throws IOException, InterruptedException {
    String name = benchmark(benchmark);
    Path unused = Files.createTempFile("unroll-jmh", ".json");
    try {
      List<String> more = new ArrayList<>();
      for (String flag : Profile.flags(recording)) {
        more.addAll(List.of("-jvmArgsAppend", flag));
      }
      run(ofCandidate ? candidate : base, name, unused, more);
    } finally {
      Files.deleteIfExists(unused);
    }
  }

  private Turn turn(Path jar, String name, int[] plants) throws IOException, InterruptedException {
    Path results = Files.createTempFile("unroll-jmh", ".json");
    results.toFile().deleteOnExit();
    long[] before = Load.times();
    try {
      String said = run(jar, name, results, List.of());
      String text = Files.readString(results);
      if (said.contains("Unable to acquire the JMH lock")) {
        throw new IllegalStateException(
            "another JMH runs on this machine: wait for its end, for it would be measured too");
      }
      JsonNode parsed = text.isBlank() ? null : Json.COMPACT.readTree(text);
      boolean failed = said.contains("<failure>") || parsed == null || parsed.isEmpty();
      Turn failures =
          new Turn(
              Map.of(), failed ? Map.of(name, "gave no result: " + firstError(said)) : Map.of());
      return parsed == null || parsed.isEmpty()
          ? failures
          : turn(parsed, plants).whileBusy(Load.busySince(before)).and(failures);
    } finally {
      Files.deleteIfExists(results);
    }
  }

  private static Turn turn(JsonNode results, int[] plants) {
    Map<String, Turn.Measured> measured = new LinkedHashMap<>();
    long modes = results.valueStream().map(r -> r.path("mode").asString()).distinct().count();
    Environment environment = null;
    for (JsonNode result : results) {
      List<Double> seconds = seconds(result);
      Map<Integer, List<long[]>> slices = new LinkedHashMap<>();
      for (int plant : plants) {
        slices.put(
            plant,
            seconds.stream()
                .map(
                    time ->
                        new long[] {Math.max(1, Math.round(time * FEMTO * (1 + plant / 100.0)))})
                .toList());
      }
      measured.put(
          name(result) + (modes > 1 ? " " + result.path("mode").asString() : ""),
          new Turn.Measured(0, slices));
      environment =
          new Environment(
              "%s %s"
                  .formatted(result.path("vmName").asString(), result.path("vmVersion").asString()),
              result.path("jvmArgs").valueStream().map(JsonNode::asString).toList(),
              "JMH " + result.path("jmhVersion").asString());
    }
    return new Turn(measured, Map.of(), environment, Double.NaN);
  }

  private static String name(JsonNode result) {
    String parameters =
        result
            .path("params")
            .propertyStream()
            .map(one -> one.getKey() + "=" + one.getValue().asString())
            .collect(Collectors.joining(","));
    return result.path("benchmark").asString()
        + (parameters.isEmpty() ? "" : " (" + parameters + ")");
  }

  /** The time of a call in each iteration, whatever the benchmark's mode and unit. */
  private static List<Double> seconds(JsonNode result) {
    JsonNode metric = result.path("primaryMetric");
    String unit = metric.path("scoreUnit").asString();
    boolean rate = unit.startsWith("ops/");
    double scale = scale(rate ? unit.substring(4) : unit.replaceFirst("/op$", ""));
    List<Double> scores = new ArrayList<>();
    if (metric.has("rawData")) {
      metric.path("rawData").forEach(fork -> fork.forEach(one -> scores.add(one.asDouble())));
    } else {
      metric
          .path("rawDataHistogram")
          .forEach(fork -> fork.forEach(iteration -> scores.add(mean(iteration))));
    }
    return scores.stream().map(score -> rate ? scale / score : scale * score).toList();
  }

  private static double mean(JsonNode histogram) {
    double sum = 0;
    double count = 0;
    for (JsonNode bin : histogram) {
      sum += bin.path(0).asDouble() * bin.path(1).asDouble();
      count += bin.path(1).asDouble();
    }
    return sum / count;
  }

  private static double scale(String unit) {
    return switch (unit) {
      case "ns" -> 1e-9;
      case "us" -> 1e-6;
      case "ms" -> 1e-3;
      case "s" -> 1;
      case "min" -> 60;
      case "hr" -> 3600;
      case "day" -> 86_400;
      default ->
          throw new IllegalStateException("JMH gave times in '" + unit + "', not in ns to days");
    };
  }

  private String run(Path jar, String name, Path results, List<String> more)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(options);
    words.addAll(more);
    words.addAll(
        List.of("-f", "1", "-rf", "json", "-rff", results.toString(), "^\\Q" + name + "\\E$"));
    return java(jar, words).text();
  }

  private static JmhProcess.Ended java(Path jar, List<String> words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (System.getProperty(IGNORE_LOCK) != null) {
      command.add("-D%s=%s".formatted(IGNORE_LOCK, System.getProperty(IGNORE_LOCK)));
    }
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(words);
    try (JmhProcess process = new JmhProcess(command)) {
      return process.ended();
    }
  }

  private static Map<String, List<String>> lists(Path jar, String only, List<String> options)
      throws IOException, InterruptedException {
    if (!Files.isRegularFile(jar)) {
      throw new IllegalArgumentException(
          "there is no file %s: give a jar of JMH benchmarks".formatted(jar));
    }
    List<String> words = new ArrayList<>(options);
    words.addAll(List.of("-lp", only));
    JmhProcess.Ended ended = java(jar, words);
    List<String> lines = ended.text().lines().toList();
    int at = lines.indexOf("Benchmarks: ");
    if (ended.status() != 0 || at < 0) {
      throw new IllegalArgumentException(
          "%s does not run as a jar of JMH benchmarks (java -jar %s): %s"
              .formatted(
                  jar.getFileName(),
                  jar.getFileName() + " " + String.join(" ", words),
                  firstError(ended.text())));
    }
    Map<String, List<String>> lists = new LinkedHashMap<>();
    List<String> parameters = new ArrayList<>();
    for (String line : lines.subList(at + 1, lines.size())) {
      if (line.startsWith("  param ")) {
        parameters.add(line.strip().substring("param ".length()));
      } else if (!line.isBlank()) {
        parameters = new ArrayList<>();
        lists.put(line.strip(), parameters);
      }
    }
    return lists;
  }

  private static String firstError(String text) {
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("Exception") || lines.get(i).contains("Error")) {
        // "Error parsing command line:" and what is wrong with it
        boolean more = lines.get(i).endsWith(":") && i + 1 < lines.size();
        return lines.get(i).strip() + (more ? " " + lines.get(i + 1).strip() : "");
      }
    }
    return lines.isEmpty() ? "it said nothing" : lines.getLast().strip();
  }
}
