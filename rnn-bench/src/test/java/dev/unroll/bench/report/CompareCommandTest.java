package dev.unroll.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareCommandTest {
  @TempDir private Path results;

  @Test
  void printsAVerdictForEachBenchmark() {
    write("a", run(512, "25"), Map.of("8", 100.0, "64", 100.0, "256", 100.0));
    write("b", run(512, "25"), Map.of("8", 100.0, "64", 80.0, "256", 102.0));
    Outcome outcome = compare("a", "b");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.text())
        .containsPattern("T=8 .* 1\\.000 .*no change")
        .containsPattern("T=64 .* 0\\.800 .*improved")
        .containsPattern("(?s)T=64 .*us/op .* 0\\.800 .*improved.*T=256 .*T=8 ")
        .containsPattern("T=256 .* 1\\.020 .*within noise")
        .contains(
            "3 benchmarks: 1 improved, 0 REGRESSED, 1 within noise, 1 no change; B takes 0.934");
    assertThat(compare("b", "a").text()).containsPattern("T=64 .* 1\\.250 .*REGRESSED");
    assertThat(compare("b", "a").status()).isEqualTo(1);
  }

  @Test
  void aMissingBenchmarkIsNotComparable() {
    write("a", run(512, "25"), Map.of("8", 100.0, "64", 100.0));
    write("b", run(512, "25"), Map.of("8", 100.0));
    assertThat(compare("a", "b").text())
        .contains("Not comparable: missing in b: SequenceLength lstm T=64");
    assertThat(compare("b", "a").text()).contains("missing in b");
    assertThat(compare("a", "b").status()).isEqualTo(3);
    assertThat(compare("b", "a").status()).isEqualTo(3);
  }

  @Test
  void anotherJdkOrWidthIsNotComparable() {
    write("a", run(512, "25"), Map.of("8", 100.0));
    write("b", run(256, "26"), Map.of("8", 100.0));
    Outcome outcome = compare("a", "b");
    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.text())
        .contains("another JDK: 25 and 26")
        .contains("another width: 512 and 256 bits")
        .doesNotContain("another machine");
  }

  private record Outcome(int status, String text) {}

  private Outcome compare(String a, String b) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    int status;
    try (PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(stream);
      System.setErr(stream);
      status =
          new CommandLine(new CompareCommand())
              .execute(results.resolve(a).toString(), results.resolve(b).toString());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return new Outcome(status, bytes.toString(StandardCharsets.UTF_8));
  }

  private static Run run(int bits, String jdk) {
    Provenance provenance =
        new Provenance(
            "2026-01-31T12:00:00Z", "a", null, false, jdk, List.of(), Map.of("cores", "2"), bits);
    return new Run("quick", "the command", provenance, true, 61, List.of());
  }

  private void write(String name, Run run, Map<String, Double> times) {
    RunFolder folder = new RunFolder(results.resolve(name));
    folder.writeJson(Run.FILE, run);
    List<Map<String, Object>> jmh = new ArrayList<>();
    times.forEach(
        (steps, time) ->
            jmh.add(
                Map.of(
                    "benchmark",
                    "dev.unroll.bench.benchmark.SequenceLength.call",
                    "params",
                    Map.of("cell", "lstm", "steps", steps),
                    "primaryMetric",
                    Map.of("scoreUnit", "us/op", "rawData", List.of(List.of(time, time, time))))));
    folder.writeJson(Runs.JMH, jmh);
  }
}
