package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.FrontPage.Finding;
import dev.unroll.report.page.RunReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What networks learn, for the front page: a sentence each, made from the committed runs. */
public final class Findings {
  private Findings() {}

  /**
   * The findings whose runs are there.
   *
   * @param results the folder of all results
   * @param reference that of the committed runs of experiments, below it
   */
  public static List<Finding> of(Path results, Path reference) throws IOException {
    List<Path> runs = Report.published(reference);
    return Stream.of(
            MapPage.finding(results, reference, reference.resolveSibling("bench")),
            finding(results, runs, "horizon", "solved", "What gates buy", Findings::gates),
            finding(
                results,
                runs,
                "learned-dynamics",
                "exponents",
                "What learning costs",
                Findings::dynamics))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Finding> finding(
      Path results,
      List<Path> runs,
      String experiment,
      String chart,
      String title,
      Function<Result, String> sentence) {
    for (Path run : runs) {
      Result result = ResultStore.read(run);
      if (result.experiment().equals(experiment)
          && result.charts().stream().anyMatch(one -> one.file().equals(chart))) {
        String folder = results.relativize(run).toString().replace('\\', '/') + "/";
        try {
          return Optional.of(
              new Finding(
                  title,
                  sentence.apply(result),
                  folder + chart + ".png",
                  folder + RunReport.PAGE,
                  "",
                  "./unroll run " + experiment));
        } catch (NoSuchElementException otherSettings) {
          return Optional.empty(); // the run has not measured what the sentence is about
        }
      }
    }
    return Optional.empty();
  }

  private static String gates(Result result) {
    Function<String, String> horizon =
        variant -> figure(result, "horizon", Map.of("variant", variant)).withoutUnit();
    return Numbers.format(
        "Asked for the first of T tokens, a tanh RNN learns it up to T = %s, a GRU up to %s, and a"
            + " GRU whose gates start nearly shut (chrono) up to %s; more than %s was not tried.",
        horizon.apply("rnn_tanh:default"),
        horizon.apply("gru:default"),
        horizon.apply("gru:chrono"),
        Collections.max(
            result.config().path("lengths").valueStream().map(length -> length.asInt()).toList()));
  }

  private static String dynamics(Result result) {
    Function<String, String> growth =
        task ->
            figure(
                    result,
                    "growth",
                    Map.of("about", task, "kind", "any", "trained", "learned", "sign", "any"))
                .factor(0);
    return Numbers.format(
        "To evaluate all of %s steps at once, a network that has learned to keep a token takes %s"
            + " times the Newton iterations that it took before training; one that has learned"
            + " parity, %s times.",
        result.config().path("solver_length").asInt(),
        growth.apply("copy-first"),
        growth.apply("parity"));
  }

  private static Figure figure(Result result, String name, Map<String, Object> where) {
    return result.figures().stream()
        .filter(figure -> figure.name().equals(name) && figure.where().equals(where))
        .findFirst()
        .orElseThrow();
  }
}
