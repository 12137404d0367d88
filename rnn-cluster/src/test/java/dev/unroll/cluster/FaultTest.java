package dev.unroll.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.report.run.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a sweep on a cluster survives: real processes on the loopback, ended by real signals. One
 * cluster for all, because a start takes longer than a test.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultTest {
  /** Nothing is in a jar yet. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "spark.executor.memory",
          "512m",
          "spark.executor.extraClassPath",
          System.getProperty("java.class.path"));

  @TempDir private static Path folder;
  private static Loopback cluster;
  private static Backend spark;

  @BeforeAll
  static void start() throws Exception {
    cluster = new Loopback(folder, 2);
    spark = new SparkBackend(ClusterOptions.of(cluster, PROPERTIES));
  }

  @AfterAll
  static void stop() {
    spark.close();
    cluster.close();
  }

  @Test
  @Order(1)
  void aSweepThatLosesAnExecutorAndThenAWorkerLeavesTheSameBytes() throws IOException {
    Map<String, String> settings = Map.of("trials", "30", "millis", "150");
    List<Integer> mishaps = new ArrayList<>();
    Backend meddled =
        new Runs.Meddled(
            spark,
            kept -> {
              if (kept == 8) {
                cluster.killExecutor();
                mishaps.add(kept);
              } else if (kept == 16) {
                cluster.killWorker();
                cluster.addWorker();
                mishaps.add(kept);
              }
            });
    Path here = Runs.drill(new ThreadPool(2), folder.resolve("here"), settings);
    Path there = Runs.drill(meddled, folder.resolve("there"), settings);
    assertThat(mishaps).containsExactly(8, 16);
    assertThat(Runs.files(there)).isEqualTo(Runs.files(here)).containsKey("result.json");
    assertThat(Runs.records(there)).hasSize(30).doesNotHaveDuplicates();
    assertThat(there.resolve("report.md")).content().contains("a cluster of ");
  }

  @Test
  @Order(2)
  void trialsThatGoWrongTakeNoOthersWithThem() throws IOException {
    Map<String, String> settings =
        Map.of("trials", "20", "millis", "50", "throws", "3", "fills_heap", "7", "halts", "11");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Path root = folder.resolve("bad");
    assertThatThrownBy(() -> Runs.drill(spark, root, settings, printed))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 of 20 trials went wrong, the others are kept");
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.startsWith("Trial "))
        .hasSize(3)
        .anyMatch(line -> line.matches("Trial i=3 seed=1 went wrong: .*thrown on purpose"))
        .anyMatch(line -> line.matches("Trial i=7 seed=1 went wrong: .*OutOfMemoryError.*"))
        .anyMatch(line -> line.matches("Trial i=11 seed=1 went wrong: .*lost 2 times \\(.*\\)"));
    Path run = Runs.only(root);
    assertThat(Runs.records(run)).hasSize(17).doesNotHaveDuplicates();
    assertThat(run.resolve("result.json")).doesNotExist();
  }

  @Test
  @Order(3)
  void aRunGoesFromOneMachineToAClusterAndBack() throws IOException {
    Map<String, String> settings = Map.of("trials", "15");
    Path whole = Runs.drill(new ThreadPool(1), folder.resolve("whole"), settings);
    Path root = folder.resolve("wandering");
    Backend threads = new ThreadPool(1);
    assertThatThrownBy(() -> Runs.drill(Runs.givenUpAfter(4, threads), root, settings))
        .hasMessage("given up");
    assertThatThrownBy(() -> Runs.drill(Runs.givenUpAfter(4, spark), root, settings))
        .hasMessage("given up");
    Path run = root.resolve(whole.getFileName());
    // Those under way when it was given up may still arrive; some of the 15 have to be left.
    assertThat(Runs.records(run)).hasSizeBetween(8, 14).doesNotHaveDuplicates();
    Runs.drill(threads, root, settings);
    assertThat(Runs.files(run)).isEqualTo(Runs.files(whole));
  }

  /** The one context of this JVM has to end before another class path can be tried. */
  @Test
  @Order(4)
  void anExecutorWithOtherCodeIsRefused() throws IOException {
    spark.close();
    Path code = Fingerprint.location(Fingerprint.class);
    Path other = folder.resolve("other");
    Files.createDirectories(other.resolve("dev/unroll/cluster"));
    try (var classes = Files.list(code.resolve("dev/unroll/cluster"))) {
      for (Path file : classes.toList()) {
        Files.copy(file, other.resolve("dev/unroll/cluster").resolve(file.getFileName()));
      }
    }
    Files.writeString(other.resolve("another-build"), "");
    SparkConf conf = ClusterOptions.of(cluster, PROPERTIES);
    conf.set("spark.executor.extraClassPath", other + ":" + System.getProperty("java.class.path"));
    try (Backend unlike = new SparkBackend(conf)) {
      assertThatThrownBy(() -> Runs.drill(unlike, folder.resolve("unlike"), Map.of()))
          .hasMessageMatching("Executor \\d+ on .* runs another build of this program .*");
    }
  }

  /** Ctrl-C, then SIGKILL, then to the end; each from a JVM of its own. */
  @Test
  @Order(5)
  void aDriverThatIsEndedIsTakenUpAgain() throws Exception {
    Path root = folder.resolve("driven");
    Path run = root.resolve("copy-first-quick");
    Path here =
        new Runner(
                new Runner.Options(
                    true, null, Map.of(), new ThreadPool(2), folder.resolve("undriven"), false),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
            .run(Experiments.named("copy-first"));
    Process driver = driver("driver0", cluster.properties(), root);
    awaitRecords(driver, run, 2);
    new ProcessBuilder("kill", "-INT", Long.toString(driver.pid())).start().waitFor();
    assertThat(driver.waitFor()).isNotZero();
    int kept = Runs.records(run).size();
    assertThat(kept).isBetween(2, 17);
    driver = driver("driver1", cluster.properties(), root);
    awaitRecords(driver, run, kept + 2);
    driver.destroyForcibly().waitFor();
    assertThat(Runs.records(run).size()).isBetween(kept + 2, 17);
    driver = driver("driver2", cluster.properties(), root);
    assertThat(driver.waitFor()).as(Files.readString(folder.resolve("driver2"))).isZero();
    assertThat(Runs.files(run)).isEqualTo(Runs.files(here));
  }

  @Test
  @Order(6)
  void aWrongSecretIsToldWithinAMinute() throws Exception {
    Path wrong = Files.copy(cluster.properties(), folder.resolve("wrong.conf"));
    Files.setPosixFilePermissions(
        wrong, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        wrong, Files.readString(wrong).replaceFirst("secret \\S+", "secret anything-else"));
    long start = System.nanoTime();
    Process driver = driver("locked-out", wrong, folder.resolve("locked"));
    assertThat(driver.waitFor()).isEqualTo(1);
    assertThat((System.nanoTime() - start) / 1_000_000_000).isLessThan(60);
    assertThat(Files.readString(folder.resolve("locked-out")))
        .contains("Error: " + cluster.url() + " has not let this program in")
        .contains("compare spark.authenticate.secret");
  }

  private static Process driver(String name, Path properties, Path out) throws IOException {
    List<String> command = OverheadCommand.java();
    command.addAll(
        List.of("run", "copy-first", "--quick", "--on", cluster.url(), "--out", out.toString()));
    command.addAll(List.of("--properties-file", properties.toString()));
    PROPERTIES.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name).toFile())
        .start();
  }

  private static void awaitRecords(Process driver, Path run, int least) throws Exception {
    while (Runs.records(run).size() < least) {
      assertThat(driver.isAlive()).as("the driver").isTrue();
      Thread.sleep(10);
    }
  }
}
