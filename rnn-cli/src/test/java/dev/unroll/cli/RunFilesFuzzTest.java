package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.report.Report;
import dev.unroll.experiments.Main;
import dev.unroll.experiments.claim.Claims;
import dev.unroll.fuzz.Fuzz;
import dev.unroll.fuzz.Mutator;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Whatever the files of a run hold, commands use them or say in a sentence which is damaged. */
class RunFilesFuzzTest {
  private static final Path REFERENCE = Path.of("../results/reference");

  /** Files that once ended in a stack trace, or passed for finished runs. */
  private static final List<String> ONCE_BROKEN =
      List.of(
          "",
          "null",
          "{}",
          "{",
          "[]",
          "[null]",
          "[{}]",
          "{\"experiment\":1}",
          "{}\n",
          "null\n",
          "{\"trial\":{\"seed\":1},\"figures\":{}}\n",
          "{\"trial\":null}\n");

  private static final int FEW = 3;

  /** Reports draw charts, which takes longer than all else: one in so many trials. */
  private static final int RARELY = 16;

  @TempDir private Path root;
  private final CommandLine line = Main.commandLine();

  /** The bytes of a run's files by their names. */
  private static Map<String, byte[]> files(Path run, List<String> names) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name : names) {
      files.put(name, Files.readAllBytes(run.resolve(name)));
    }
    return files;
  }

  /** A file with the first few of all that it lists, which is read in a hundredth of the time. */
  private static byte[] few(byte[] json) {
    JsonNode tree = Json.COMPACT.readTree(json);
    cut(tree);
    return Json.PRETTY.writeValueAsBytes(tree);
  }

  private static void cut(JsonNode node) {
    if (node instanceof ArrayNode list) {
      while (list.size() > FEW) {
        list.remove(list.size() - 1);
      }
    }
    node.forEach(RunFilesFuzzTest::cut);
  }

  /** Writes them, one of them damaged. */
  private static void write(Path run, Map<String, byte[]> files, RandomGenerator random)
      throws IOException {
    Mutator mutator = new Mutator(random);
    String damaged = mutator.pick(List.copyOf(files.keySet()));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      byte[] bytes = file.getValue();
      if (file.getKey().equals(damaged)) {
        bytes =
            Mutator.latin(
                random.nextInt(8) == 0
                    ? mutator.pick(ONCE_BROKEN)
                    : mutator.json(Mutator.latin(bytes)));
      }
      Files.write(run.resolve(file.getKey()), bytes);
    }
  }

  private int run(List<String> words) {
    return Commands.run(() -> line, words);
  }

  @Test
  void experiments() throws IOException {
    int trials = 500;
    List<String> run = List.of("run", "exact", "--quick", "--out", root.toString());
    assertThat(run(run)).isZero();
    Path folder = root.resolve("exact-quick");
    Map<String, byte[]> files =
        files(folder, List.of("config.json", "metrics.jsonl", "provenance.json", "result.json"));
    List<String> report = List.of("report", "--out", root.toString());
    AtomicInteger used = new AtomicInteger();
    Fuzz.run(
        "experiments' files",
        trials,
        random -> {
          write(folder, files, random);
          List<String> command = random.nextInt(RARELY) == 0 ? report : run;
          if (random.nextInt(2 * RARELY) == 0) { // it concludes again, which draws charts
            Files.delete(folder.resolve("result.json"));
            command = run;
          }
          if (run(command) == 0) {
            used.getAndIncrement();
          }
        });
    assertThat(used).hasValueGreaterThan(trials / 20);
  }

  @Test
  void claims() throws IOException {
    int trials = 1_000;
    Map<String, byte[]> files = new LinkedHashMap<>();
    String hash = "0123456789ab";
    Path resource = Path.of("../rnn-experiments/src/main/resources/claims/adding.json");
    files.put("claims-" + hash + ".json", Files.readAllBytes(resource));
    @Command
    final class Kept implements Callable<Integer> {
      @Override
      public Integer call() {
        return Claims.kept(root, List.of(hash)).size() - 1;
      }
    }
    Fuzz.run(
        "claims",
        trials,
        random -> {
          write(root, files, random);
          // Its name says what it held before, so that all of it is refused.
          assertThat(Commands.run(() -> Program.of(new Kept()), List.of())).isEqualTo(1);
        });
  }

  @Test
  void benchmarks() throws IOException {
    int trials = 400;
    Path run = newestQuick();
    Map<String, byte[]> files =
        files(run, List.of("run.json", "jmh.json", "roofline.json", "charts.json"));
    files.putAll(files(newest("peers"), List.of("peers.json")));
    files.putAll(files(newest("steady"), List.of("steady.json")));
    files.replaceAll((name, bytes) -> few(bytes));
    Path whole = Files.createDirectories(root.resolve("whole"));
    Path copy = Files.createDirectories(root.resolve("copy"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(whole.resolve(file.getKey()), file.getValue());
    }
    List<String> compare = List.of("compare", whole.toString(), copy.toString());
    @Command
    final class Reported implements Callable<Integer> {
      @Override
      public Integer call() throws IOException {
        Report.write(new RunFolder(copy));
        return 0;
      }
    }
    CommandLine benchmarks = dev.unroll.bench.Main.commandLine();
    AtomicInteger used = new AtomicInteger();
    Fuzz.run(
        "benchmarks' files",
        trials,
        random -> {
          write(copy, files, random);
          int code =
              random.nextInt(RARELY) == 0
                  ? Commands.run(() -> Program.of(new Reported()), List.of())
                  : Commands.run(() -> benchmarks, compare);
          if (code == 0) {
            used.getAndIncrement();
          }
        });
    assertThat(used).hasValueGreaterThan(trials / 20);
  }

  static Path newestQuick() throws IOException {
    return newest("quick");
  }

  private static Path newest(String kind) throws IOException {
    List<Path> runs = new ArrayList<>();
    try (var all = Files.newDirectoryStream(REFERENCE.resolve("bench"), "*-" + kind)) {
      all.forEach(runs::add);
    }
    return runs.stream().sorted().toList().getLast();
  }
}
