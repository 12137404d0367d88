package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.bench.Main;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.report.run.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The gate on two jars of JMH benchmarks that know nothing of it. */
class JarSidesTest {
  private static final String FAST = "-wi 1 -w 20ms -i 5 -r 20ms";
  private static final String BODY =
      """
        @org.openjdk.jmh.annotations.State(org.openjdk.jmh.annotations.Scope.Benchmark)
        public static class Size {
          @org.openjdk.jmh.annotations.Param({"1", "2"})
          int size;
        }

        @Benchmark
        public void testMethod() {
          org.openjdk.jmh.infra.Blackhole.consumeCPU(TOKENS);
        }

        @Benchmark
        @org.openjdk.jmh.annotations.BenchmarkMode(org.openjdk.jmh.annotations.Mode.SampleTime)
        public void sized(Size size) {
          org.openjdk.jmh.infra.Blackhole.consumeCPU(1000 * size.size);
        }
      """;

  @TempDir private static Path home;
  private static Path base;
  private static Path candidate;

  @BeforeAll
  static void build() throws Exception {
    base = home.resolve("base.jar");
    candidate = home.resolve("candidate.jar");
    ArchetypeJar.build(base, BODY.replace("TOKENS", "1000"));
    ArchetypeJar.build(
        candidate, BODY.replace("TOKENS", "4000") + "@Benchmark public void isNew() {}\n");
  }

  @Test
  void aMethodOfFourTimesTheWorkRegressesAndIsProfiled() throws Exception {
    Path output = home.resolve("gate");
    Path json = home.resolve("gate.json");
    Path summary = home.resolve("summary.md");
    int status =
        Main.commandLine()
            .execute(
                "gate",
                "--jars",
                base.toString(),
                candidate.toString(),
                "--only",
                "testMethod|isNew",
                "--jmh",
                FAST,
                "--pairs",
                "5",
                "--output",
                output.toString(),
                "--json",
                json.toString(),
                "--summary",
                summary.toString());
    assertThat(status).isEqualTo(1);
    JsonNode decision = Json.COMPACT.readTree(Files.readString(json)).path("decisions").path(0);
    assertThat(decision.path("name").asString()).isEqualTo("org.sample.MyBenchmark.testMethod");
    assertThat(decision.path("verdict").asString()).isEqualTo("REGRESSED");
    assertThat(decision.path("ratio").asDouble()).isBetween(2.0, 8.0);
    assertThat(output.resolve("report.md"))
        .content()
        .contains(
            "Regression: org.sample.MyBenchmark.testMethod",
            "org.sample.MyBenchmark.isNew is new: the base does not have it",
            "JMH's options: " + FAST,
            "Measured by, both sides: JMH 1.37",
            "Where org.sample.MyBenchmark.testMethod spends its time",
            "`org.openjdk.jmh.infra.Blackhole.consumeCPU`");
    assertThat(summary).content().startsWith("# Throughput gate");
  }

  @Test
  void everyModeAndParameterIsAResultAndThePlantsMultiplyIt() throws Exception {
    JarSides sides = new JarSides(base, base, "", FAST);
    Pair pair = sides.measure(true, true, 0, 10);
    assertThat(sides.benchmarks(List.of(pair)))
        .extracting(Benchmark::name)
        .containsExactlyInAnyOrder(
            "org.sample.MyBenchmark.testMethod",
            "org.sample.MyBenchmark.sized (size=1)",
            "org.sample.MyBenchmark.sized (size=2)");
    pair.candidate()
        .measured()
        .forEach(
            (name, measured) -> {
              List<long[]> plain = Objects.requireNonNull(measured.slices().get(0));
              List<long[]> slowed = Objects.requireNonNull(measured.slices().get(10));
              assertThat(plain).as(name).hasSize(5);
              // A call of a thousand tokens takes between a tenth of a microsecond and a second.
              assertThat(plain.getFirst()[0])
                  .as(name)
                  .isBetween(100_000_000L, 1_000_000_000_000_000L);
              assertThat(slowed.getFirst()[0] / (double) plain.getFirst()[0])
                  .isBetween(1.0999, 1.1001);
            });
  }

  @Test
  void whatIsOnOneSideOnlyIsNotCompared() throws Exception {
    Path withMore = candidate;
    Path withLess = base;
    JarSides sides = new JarSides(withMore, withLess, "", FAST);
    assertThat(sides.gone())
        .extracting(Decision::name)
        .containsExactly("org.sample.MyBenchmark.isNew");
    assertThat(Judge.exitCode(sides.gone())).isEqualTo(2);
  }

  @Test
  void whatIsNoJarOfBenchmarksIsSaidToBeNone() throws Exception {
    Path text = Files.writeString(home.resolve("text.jar"), "no jar");
    assertThatThrownBy(() -> new JarSides(base, text, "", FAST))
        .hasMessageContaining("text.jar does not run as a jar of JMH benchmarks");
    assertThatThrownBy(() -> new JarSides(base, candidate, "nothing", FAST))
        .hasMessageContaining("have no benchmark in common that matches 'nothing'");
    assertThatThrownBy(() -> new JarSides(base, candidate, "", "-f 3"))
        .hasMessageContaining("sets -f, which the gate sets itself");
  }

  /** Ctrl-C signals the whole group of processes, JMH and its fork among them. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void ctrlCLeavesNeitherProcessesNorFiles() throws Exception {
    Path folder = Files.createDirectory(home.resolve("interrupted"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    List<String> command = new ArrayList<>(List.of("setsid", "env"));
    command.add("JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + temporary + " -Djmh.ignoreLock=true");
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(ForkedJvm.VECTORS, "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "gate", "--jars", base.toString()));
    command.addAll(List.of(candidate.toString(), "--only", "testMethod", "--jmh", "-wi 1 -w 60s"));
    command.addAll(List.of("--output", folder.resolve("run").toString()));
    Process gate =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    List<ProcessHandle> all = List.of();
    try {
      while (all.size() < 2) { // JMH and its fork
        assertThat(gate.isAlive()).as(Files.readString(folder.resolve("log"))).isTrue();
        Thread.sleep(50);
        all = gate.descendants().filter(JarSidesTest::measures).toList();
      }
      Thread.sleep(500);
      new ProcessBuilder("kill", "-INT", "--", "-" + gate.pid()).start().waitFor();
      assertThat(gate.waitFor(20, TimeUnit.SECONDS)).isTrue();
      for (ProcessHandle one : all) { // one that has ended may be listed, without a command
        for (int i = 0; i < 200 && one.info().command().isPresent(); i++) {
          Thread.sleep(20);
        }
        assertThat(one.info().command()).isEmpty();
      }
      try (Stream<Path> left = Files.walk(temporary)) {
        assertThat(left.filter(Files::isRegularFile)).isEmpty();
      }
      assertThat(folder.resolve("run/gate.json")).doesNotExist();
      assertThat(folder.resolve("run/report.md")).doesNotExist();
    } finally {
      all.forEach(ProcessHandle::destroyForcibly);
      gate.destroyForcibly();
    }
  }

  /** Whether it is JMH or its fork, and not JMH asked for its list. */
  private static boolean measures(ProcessHandle process) {
    return process.info().arguments().filter(words -> !List.of(words).contains("-lp")).isPresent();
  }
}
