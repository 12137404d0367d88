package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reports as a pure function of the files under a results folder: that of each run, and the
 * generated parts of the README.
 */
public final class Report {
  private static final String NEAR =
      "Where a band says *near*, its source gives a figure without a spread, and the spread is this"
          + " project's own choice; so are the limits of checks.";

  /** More would make a page that sites do not show. */
  private static final int MOST_FIGURES = 1000;

  /** The columns of a claim's statement; the others are measured. */
  private static final int OF_STATEMENT = 4;

  private static final String EXAMPLE = "example.";
  private static final String REFERENCE = Results.REFERENCE_LINK + "experiments/";

  private Report() {}

  /** Writes {@code report.md} and {@code report.html} into the folder of a finished run. */
  public static void writeRun(Path directory) throws IOException {
    Path root = directory.toAbsolutePath().getParent();
    write(directory, Family.under(root == null ? directory : root));
  }

  private static void write(Path directory, Family family) throws IOException {
    RunReport.write(new RunFolder(directory), run(directory, family));
  }

  /**
   * Writes the report of each finished run under {@code root}.
   *
   * @throws InputException when there is none
   */
  public static void writeAll(Path root) throws IOException {
    List<Path> runs = ResultStore.finishedUnder(root);
    if (runs.isEmpty()) {
      throw new InputException(
          "There is no finished run under " + root + ": run an experiment first.");
    }
    Family family = Family.under(root);
    for (Path run : runs) {
      write(run, family);
    }
  }

  /**
   * A part of a page, from the committed runs.
   *
   * @param name an experiment or a run's folder, or {@code experiments} for the table of all,
   *     {@code claims} for what became of all claims, {@code claims.NAME} for those of one run,
   *     {@code verdicts} for those of before claims were data, or {@code example.NAME} for what a
   *     program of docs/examples shows
   * @param home the project's folder
   * @return its text; null if it is none of ours or its run is missing
   */
  public static @Nullable String part(String name, Path home) {
    try {
      if (name.startsWith(EXAMPLE)) {
        String program = "docs/examples/" + name.substring(EXAMPLE.length()) + ".java";
        return "\n```java\n" + shown(Files.readString(home.resolve(program))) + "```\n\n";
      }
      return part(name, home.resolve(REFERENCE), REFERENCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a program shows of itself: the lines from {@code // shown: begin} to its end. */
  private static String shown(String program) {
    return program
            .lines()
            .dropWhile(line -> !line.contains("// shown: begin"))
            .skip(1)
            .takeWhile(line -> !line.contains("// shown: end"))
            .collect(Collectors.joining("\n"))
            .stripIndent()
        + "\n";
  }

  /** A part from the runs under {@code root}, to which {@code link} leads. */
  static @Nullable String part(String name, Path root, String link) throws IOException {
    List<Path> published = published(root);
    if (name.equals("experiments") && !published.isEmpty()) {
      return overview(root, published, link);
    }
    if (name.equals("claims") && !published.isEmpty()) {
      return ClaimsPage.of(Family.under(root), link);
    }
    if (name.equals("verdicts") && !published.isEmpty()) {
      return Verdicts.of(Family.under(root));
    }
    String claims = "claims.";
    if (name.startsWith(claims)) {
      Family family = Family.under(root);
      for (Path run : family.runs()) {
        if (run.endsWith(name.substring(claims.length()))) {
          return ClaimsPage.of(family, run);
        }
      }
    }
    for (Path run : published) {
      if (run.endsWith(name) || ResultStore.read(run).experiment().equals(name)) {
        return excerpt(run, link + run.getFileName() + "/");
      }
    }
    return null;
  }

  /**
   * A run of each experiment: that at its usual settings, in the folder named after it; where it
   * has none, the newest at other settings, but no quick one.
   */
  static List<Path> published(Path root) throws IOException {
    Map<String, Path> published = new LinkedHashMap<>();
    for (Path run : ResultStore.finishedUnder(root)) {
      Result result = ResultStore.read(run);
      if (!result.quick() || run.endsWith(result.experiment())) {
        published.merge(result.experiment(), run, Report::preferred);
      }
    }
    return List.copyOf(published.values());
  }

  private static Path preferred(Path one, Path other) {
    for (Path run : List.of(one, other)) {
      if (run.endsWith(ResultStore.read(run).experiment())) {
        return run;
      }
    }
    return Family.began(one).compareTo(Family.began(other)) < 0 ? other : one;
  }

  private static String overview(Path root, List<Path> runs, String link) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    Family family = Family.under(root);
    for (Path run : runs) {
      Result result = ResultStore.read(run);
      String name = root.relativize(run).toString();
      rows.add(
          List.of(
              "[" + result.experiment() + "](" + link + name + "/report.md)",
              Markdown.escape(result.story().question()),
              Markdown.escape(Answer.of(result)),
              String.valueOf(result.seeds().size()),
              verdictMark(result) + " " + Markdown.escape(counted(result, family))));
    }
    return Markdown.table(List.of("experiment", "question", "answer", "seeds", "verdict"), rows)
        + beside(root, runs, link)
        + begun(root, link);
  }

  /** The finished runs at other settings than those of the table. */
  private static String beside(Path root, List<Path> shown, String link) {
    List<String> others = new ArrayList<>();
    for (Path run : ResultStore.finishedUnder(root)) {
      Result result = ResultStore.read(run);
      if (!shown.contains(run) && !result.quick()) {
        others.add(
            "- [%s](%s%s/report.md), `%s`: %s%n"
                .formatted(
                    run.getFileName(),
                    link,
                    run.getFileName(),
                    result.command(),
                    Markdown.escape(Answer.of(result))));
      }
    }
    return others.isEmpty()
        ? ""
        : "%nThe same experiments at other settings:%n%n".formatted() + String.join("", others);
  }

  /** Runs of which only some trials are there: they are long, and go on another day. */
  private static String begun(Path root, String link) throws IOException {
    List<String> begun = new ArrayList<>();
    for (Path run : ResultStore.begunUnder(root)) {
      begun.add(
          "[%s](%s) (%,d trials)"
              .formatted(
                  run.getFileName(),
                  link + run.getFileName() + "/metrics.jsonl",
                  ResultStore.trials(run)));
    }
    return begun.isEmpty()
        ? ""
        : "%nBegun, not finished and so not judged: %s.%n".formatted(String.join(", ", begun));
  }

  /** How many figures or claims; which of them the report says. */
  private static String counted(Result result, Family family) {
    Result.Verdict verdict = result.verdict();
    return switch (verdict.status()) {
      case "outside" -> verdict.sentence().replaceFirst(":.*", ".") + undecided(result);
      case "claims" -> verdict.sentence() + afterHolm(result, family);
      default -> undecided(result).strip();
    };
  }

  private static String undecided(Result result) {
    long open =
        result.figures().stream()
            .filter(figure -> figure.band() != null && figure.inside() == null)
            .count();
    return open == 0 ? "" : " %d undecided.".formatted(open);
  }

  /** What the correction leaves; blank where all claims were written after their data. */
  private static String afterHolm(Result result, Family family) {
    return result.claims().stream().allMatch(claim -> family.p(claim) == null)
        ? ""
        : " After Holm's correction: " + family.standing(result.claims()) + ".";
  }

  private static String excerpt(Path run, String link) throws IOException {
    Result result = ResultStore.read(run);
    StringBuilder text = new StringBuilder("\n");
    text.append(paragraphs(result.story().happened())).append("\n\n");
    if (!result.tables().isEmpty()) {
      Result.Table table = result.tables().getFirst();
      text.append(Markdown.escape(table.title())).append("\n\n");
      text.append(Markdown.table(table.columns(), escapeAll(table.rows()))).append('\n');
    }
    if (!result.charts().isEmpty()) {
      Result.ChartFile chart = result.charts().getFirst();
      text.append("![%s](%s%s.png)%n%n".formatted(chart.caption(), link, chart.file()));
    }
    text.append(
        "%s %s ".formatted(verdictMark(result), Markdown.escape(result.verdict().sentence())));
    text.append(
        "%s; `%s`; [all figures](%sreport.md).%n%n"
            .formatted(machines(Sessions.read(run).sessions()), command(result), link));
    return text.toString();
  }

  private static String run(Path directory, Family family) throws IOException {
    Result result = ResultStore.read(directory);
    String name = directory.getFileName().toString();
    Result.Story story = result.story();
    StringBuilder text = new StringBuilder();
    text.append("# ").append(name).append("\n\n");
    paragraph(text, "Question", story.question());
    String[] happened = story.happened().split("\n\n", 2);
    paragraph(text, "What happened", happened[0]);
    text.append(
        "**Verdict:** %s %s%n%n"
            .formatted(
                verdictMark(result),
                Markdown.escape(result.verdict().sentence() + afterHolm(result, family))));
    for (String failure : result.failures()) {
      text.append("- ").append(Markdown.escape(failure)).append("\n\n");
    }
    List<String> charts = result.charts().stream().map(Report::picture).toList();
    charts.stream().limit(1).forEach(text::append);
    if (happened.length > 1) {
      text.append(paragraphs(happened[1])).append("\n\n");
    }
    paragraph(text, "What the notebook said", story.notebookSaid());
    paragraph(text, "Why", story.why());
    paragraph(text, "Setting", story.setting());
    charts.stream().skip(1).forEach(text::append);
    if (!result.claims().isEmpty()) {
      text.append("## Claims\n\n").append(claims(result, family)).append('\n');
      text.append(
          "*p, Holm* is corrected over the %d tests of all runs beside this one.%n%n"
              .formatted(family.tests()));
    }
    for (Result.Table table : result.tables()) {
      text.append("## ").append(table.title()).append("\n\n");
      text.append(Markdown.table(table.columns(), escapeAll(table.rows()))).append('\n');
    }
    if (!result.checks().isEmpty()) {
      text.append("## Checks\n\n");
      text.append(
              Markdown.table(
                  List.of("statement", "measured", "holds"),
                  result.checks().stream()
                      .map(
                          check ->
                              List.of(
                                  Markdown.escape(check.statement()),
                                  Markdown.escape(check.measured()),
                                  check.holds() ? "yes" : "**no**"))
                      .toList()))
          .append('\n');
    }
    if (result.figures().size() > MOST_FIGURES) {
      text.append(
          "## Figures\n\nThere are %d, too many for a page: [result.json](result.json).%n%n"
              .formatted(result.figures().size()));
    } else if (!result.figures().isEmpty()) {
      text.append("## Figures\n\n");
      text.append(
              Markdown.table(
                  List.of("figure", "where", "n", "mean [95 %]", "sd", "notebook said", "band", ""),
                  result.figures().stream().map(Report::figureRow).toList()))
          .append('\n');
      if (result.figures().stream().anyMatch(Report::isNear)) {
        text.append(NEAR).append("\n\n");
      }
    }
    provenance(text, directory, result);
    return text.toString();
  }

  private static String picture(Result.ChartFile chart) {
    return "![%s](%s.png)%n%n*%s* ([figures](result.json), [each trial](metrics.jsonl))%n%n"
        .formatted(chart.caption(), chart.file(), Markdown.escape(chart.caption()));
  }

  private static boolean isNear(Figure figure) {
    return figure.band() != null && figure.band().text().startsWith("near ");
  }

  /**
   * The claims, those of one statement together; what a row shares with the one above it says so.
   */
  private static String claims(Result result, Family family) {
    List<List<String>> rows =
        result.claims().stream()
            .collect(
                Collectors.groupingBy(
                    claim -> List.of(ClaimsPage.source(claim), claim.claim()),
                    LinkedHashMap::new,
                    Collectors.toList()))
            .values()
            .stream()
            .flatMap(List::stream)
            .map(
                claim ->
                    List.of(
                        Markdown.escape(ClaimsPage.source(claim)),
                        Markdown.escape(claim.claim()),
                        Markdown.escape(ClaimsPage.text(claim.ours())),
                        Markdown.escape(ClaimsPage.text(claim.needed())),
                        Markdown.escape(ClaimsPage.text(claim.measured())),
                        ClaimsPage.probability(claim.p()),
                        ClaimsPage.probability(family.p(claim)),
                        family.verdict(result, claim)))
            .toList();
    List<List<String>> told = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<String> row = rows.get(i);
      List<String> above = rows.get(Math.max(0, i - 1));
      boolean same = i > 0 && row.subList(0, 2).equals(above.subList(0, 2));
      told.add(
          IntStream.range(0, row.size())
              .mapToObj(
                  j ->
                      same && j < OF_STATEMENT && row.get(j).equals(above.get(j))
                          ? "″"
                          : row.get(j))
              .toList());
    }
    return Markdown.table(
        List.of("source", "claim", "here", "needed", "measured [95 %]", "p", "p, Holm", "verdict"),
        told);
  }

  private static List<String> figureRow(Figure figure) {
    String mean = Numbers.plain(figure.mean());
    Double low = figure.low();
    Double high = figure.high();
    if (low != null && high != null) {
      mean += " [" + Numbers.plain(low) + ", " + Numbers.plain(high) + "]";
    }
    return List.of(
        Markdown.escape(figure.name() + (figure.unit().isEmpty() ? "" : ", " + figure.unit())),
        Markdown.escape(
            figure.where().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "))),
        String.valueOf(figure.n()),
        mean,
        figure.n() < 2 ? "" : Numbers.plain(figure.sd()),
        figure.said() == null ? "" : Numbers.plain(figure.said()),
        figure.band() == null ? "" : Markdown.escape(figure.band().text()),
        judged(figure));
  }

  private static String judged(Figure figure) {
    if (figure.inside() == null) {
      return figure.band() == null ? "" : "undecided";
    }
    return figure.inside() ? "inside" : "**outside**";
  }

  private static void provenance(StringBuilder text, Path directory, Result result)
      throws IOException {
    List<Sessions.Session> sessions = Sessions.read(directory).sessions();
    Provenance last = sessions.getLast().provenance();
    double wall = sessions.stream().mapToDouble(s -> s.wallSeconds()).sum();
    double cpu = sessions.stream().mapToDouble(s -> s.cpuSeconds()).sum();
    text.append(
        "Made by `%s` on %s (%s), commit %s, %s; %s s of wall time, %s s of CPU time%s.%n"
            .formatted(
                command(result),
                last.date(),
                machines(sessions),
                distinct(sessions, session -> session.provenance().version()),
                last.jdk(),
                Numbers.plain(Math.rint(wall)),
                Numbers.plain(Math.rint(cpu)),
                sessions.size() == 1 ? "" : " over " + sessions.size() + " starts"));
    text.append("Figures: [result.json](result.json); each trial: [metrics.jsonl](metrics.jsonl);");
    text.append(" settings: [config.json](config.json); machine and times:");
    text.append(" [provenance.json](provenance.json).\n");
  }

  /** Every machine that worked on the run, in order. */
  private static String machines(List<Sessions.Session> sessions) {
    return distinct(sessions, Report::machine);
  }

  private static String distinct(
      List<Sessions.Session> sessions, Function<Sessions.Session, String> of) {
    return sessions.stream().map(of).distinct().collect(Collectors.joining("; then "));
  }

  private static String machine(Sessions.Session session) {
    Provenance provenance = session.provenance();
    String cluster = provenance.machine().get(Sessions.CLUSTER);
    return cluster != null
        ? "a cluster of %s, %d trials at a time".formatted(cluster, session.threads())
        : "%s, %s cores visible, %d trials at a time, vectors of %d bits"
            .formatted(
                provenance.machine("processor"),
                provenance.machine("cores"),
                session.threads(),
                provenance.vectorBits());
  }

  private static String command(Result result) {
    return "mvn -pl rnn-experiments exec -Dargs=\"%s\"".formatted(result.command());
  }

  private static String verdictMark(Result result) {
    return switch (result.verdict().status()) {
      case "inside" -> "**inside its band.**";
      case "outside" -> "**outside its band.**";
      case "claims" -> "**claims judged.**";
      default -> "*not judged.*";
    };
  }

  private static void paragraph(StringBuilder text, String head, String body) {
    if (!body.isBlank()) {
      text.append("**").append(head).append(".** ").append(paragraphs(body)).append("\n\n");
    }
  }

  private static String paragraphs(String body) {
    return Arrays.stream(body.split("\n\n"))
        .map(Markdown::escape)
        .collect(Collectors.joining("\n\n"));
  }

  private static List<List<String>> escapeAll(List<List<String>> rows) {
    return rows.stream().map(row -> row.stream().map(Markdown::escape).toList()).toList();
  }
}
