package dev.unroll.bench.report;

import dev.unroll.bench.report.PeerTables.Standing;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.FrontPage.Finding;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** What the library costs, for the front page: a sentence each, made from the committed runs. */
public final class Findings {
  private Findings() {}

  /**
   * How fast it is, where there are runs that tell.
   *
   * @param results the folder of all results
   * @param root that of the committed runs of benchmarks, below it
   */
  public static List<Finding> speed(Path results, Path root) {
    return Stream.of(
            Readme.mostPeers(root).flatMap(run -> rivals(results, run)),
            Readme.newest(root, Runs.JMH, "full").flatMap(run -> serial(results, run)))
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * How often the gate errs.
   *
   * @param results the folder of all results
   * @param root that of the committed runs of the gate, below it
   */
  public static List<Finding> gate(Path results, Path root) {
    List<JsonNode> tests =
        Runs.all(root).stream()
            .filter(folder -> folder.has(Runs.SELF_TEST))
            .sorted(Comparator.comparing((RunFolder folder) -> Run.of(folder).date()).reversed())
            .map(folder -> folder.read(Runs.SELF_TEST, JsonNode.class))
            .toList();
    Optional<JsonNode> quiet = underLoad(tests, false);
    RunFolder folder = new RunFolder(root.resolve("self-test"));
    if (quiet.isEmpty() || !folder.has("detection.png")) {
      return List.of();
    }
    String sentence =
        "On a quiet machine the quick gate raised "
            + found(quiet.get(), 0, "a false alarm")
            + found(quiet.get(), 5, " and found a planted slowdown of 5 %")
            + underLoad(tests, true)
                .map(busy -> found(busy, 10, "; with one core kept busy it found one of 10 %"))
                .orElse("")
            + ".";
    return List.of(
        finding(
            results,
            folder,
            "How often the gate errs",
            sentence,
            "detection",
            "",
            "./unroll gate --self-test --minutes 40"));
  }

  private static Optional<JsonNode> underLoad(List<JsonNode> tests, boolean load) {
    return tests.stream().filter(test -> test.path("under_load").asBoolean() == load).findFirst();
  }

  /** How often the quick gate regressed at a planted slowdown; nothing where that is not there. */
  private static String found(JsonNode test, int percent, String what) {
    return test.path("forms")
        .valueStream()
        .filter(form -> form.path("name").asString().equals("quick"))
        .flatMap(form -> form.path("levels").valueStream())
        .filter(level -> level.path("percent").asInt() == percent)
        .map(level -> what + " in " + Readme.rate(level.get("regressed")))
        .collect(Collectors.joining());
  }

  private static Optional<Finding> rivals(Path results, RunFolder folder) {
    List<Standing> standings =
        PeerTables.standings(folder.read(Runs.PEERS, new TypeReference<>() {})).stream()
            .filter(one -> one.group().endsWith(" 1 thread"))
            .toList();
    String each =
        standings.stream()
            .map(
                one ->
                    Numbers.format(
                        "%s %.2f times as fast in geometric mean, at least as fast at %d, at worst"
                            + " %s",
                        one.group(), one.mean(), one.won(), PeerTables.ratio(one.worst())))
            .collect(Collectors.joining("; "));
    return standings.isEmpty() || !folder.has(picture(Rivals.FILE) + ".png")
        ? Optional.empty()
        : Optional.of(
            finding(
                results,
                folder,
                "Beside other libraries",
                Numbers.format(
                    "Against the fastest other library at each of %d workloads: %s.",
                    standings.getFirst().fastest().size(), each),
                picture(Rivals.FILE),
                Run.of(folder).machine(),
                "./unroll bench peers"));
  }

  private static Optional<Finding> serial(Path results, RunFolder folder) {
    String picture = picture("time-against-length-forward");
    String sentence = SerialLaw.sentence(Report.measured(folder), "").strip();
    return sentence.isEmpty() || !folder.has(picture + ".png")
        ? Optional.empty()
        : Optional.of(
            finding(
                results,
                folder,
                "What serial time costs",
                "Steps wait for each other: ten times the steps take ten times the time. "
                    + sentence,
                picture,
                Run.of(folder).machine(),
                "./unroll bench run --full"));
  }

  private static String picture(String chart) {
    return Report.CHARTS + "/" + chart;
  }

  private static Finding finding(
      Path results,
      RunFolder folder,
      String title,
      String sentence,
      String picture,
      String machine,
      String command) {
    String link = results.relativize(folder.path()).toString().replace('\\', '/') + "/";
    return new Finding(
        title, sentence, link + picture + ".png", link + RunReport.PAGE, machine, command);
  }
}
