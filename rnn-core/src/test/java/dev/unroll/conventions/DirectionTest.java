package dev.unroll.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who may know whom. A line names only packages of lines above it, so that there is no cycle. */
class DirectionTest {
  private static final Map<String, String> MODULES =
      Map.of(
          "rnn-core",
          """
          kernel:
          cell: kernel
          run: kernel cell
          train: kernel cell run
          io: cell run train
          dynamics: cell run
          check: cell run
          verify: kernel cell io run train
          """,
          "rnn-report",
          """
          report.run:
          report.command: report.run
          report.number:
          report.chart: report.run report.number
          report.page: report.run report.chart
          """,
          "rnn-onnx",
          """
          onnx:
          """,
          "rnn-bench",
          """
          bench.machine:
          bench.result: bench.machine
          bench.layer:
          bench.roofline: bench.machine bench.result bench.layer
          bench.report: bench.machine bench.result bench.layer bench.roofline
          bench.peer: bench.machine bench.result bench.layer bench.roofline bench.report
          bench.gate: bench.machine bench.result bench.layer bench.peer
          bench.benchmark: bench.machine bench.result bench.layer bench.roofline bench.report bench.peer
          bench.serve: bench.machine bench.result bench.layer bench.report bench.peer
          bench: bench.report bench.peer bench.gate bench.benchmark bench.serve
          """,
          "rnn-experiments",
          """
          experiments.result:
          experiments.claim: experiments.result
          experiments.report: experiments.claim experiments.result
          experiments.harness: experiments.claim experiments.result experiments.report
          experiments.task: experiments.result experiments.harness
          experiments.notebook: experiments.result experiments.harness experiments.task
          experiments.paper: experiments.result experiments.harness experiments.task
          experiments: experiments.result experiments.report experiments.harness experiments.task experiments.notebook experiments.paper
          """,
          "rnn-cli",
          """
          cli:
          """,
          "rnn-cluster",
          """
          cluster:
          """);

  private static final Pattern OURS =
      Pattern.compile("<groupId>dev\\.unroll</groupId>\\s*<artifactId>([^<]+)</artifactId>");
  private static final Pattern PACKAGE =
      Pattern.compile("^package dev\\.unroll\\.([a-z.]+);", Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("[a-z.]+");
  private static final Pattern CLASS = Pattern.compile("\\bdev\\.unroll\\.([a-z.]+)\\.[A-Z]");

  /** The packages of a module, each below those that may know it. */
  static List<String> layers(String module) {
    return MODULES
        .getOrDefault(module, "")
        .lines()
        .map(line -> line.substring(0, line.indexOf(':')))
        .toList();
  }

  @Test
  void packagesKnowOnlyThoseBelowThem() {
    List<String> violations = new ArrayList<>();
    MODULES.forEach(
        (module, lines) -> {
          Map<String, List<String>> below = new LinkedHashMap<>();
          for (String line : lines.lines().toList()) {
            String name = line.substring(0, line.indexOf(':'));
            List<String> known =
                WORD.matcher(line).results().skip(1).map(MatchResult::group).toList();
            assertThat(below.keySet()).as(line).containsAll(known);
            below.put(name, known);
          }
          for (Path file : Sources.java(module, "main", "verify", "peers")) {
            String source = Sources.read(file);
            String own = names(PACKAGE, source).getFirst();
            assertThat(below).as(file.toString()).containsKey(own);
            names(CLASS, source).stream()
                .filter(name -> below.containsKey(name) && !name.equals(own))
                .filter(name -> !below.getOrDefault(own, List.of()).contains(name))
                .forEach(name -> violations.add(file.getFileName() + " knows " + name));
          }
        });
    assertThat(violations).isEmpty();
  }

  private static List<String> names(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(match -> match.group(1)).distinct().toList();
  }

  @Test
  void modulesKnowOnlyThoseBelowThem() {
    Map<String, List<String>> below =
        Map.of(
            "rnn-core", List.of(),
            "rnn-report", List.of(),
            "rnn-onnx", List.of("rnn-core"),
            "rnn-bench", List.of("rnn-core", "rnn-report", "rnn-onnx"),
            "rnn-experiments", List.of("rnn-core", "rnn-report", "rnn-onnx"),
            "rnn-cli", List.of("rnn-bench", "rnn-experiments", "rnn-report"),
            "rnn-cluster", List.of("rnn-core", "rnn-experiments", "rnn-report"));
    for (String module : Sources.MODULES) {
      String pom = Sources.read(Sources.root().resolve(module).resolve("pom.xml"));
      assertThat(names(OURS, pom.substring(pom.indexOf("</parent>"))))
          .as(module)
          .isSubsetOf(below.get(module));
    }
  }
}
