package dev.unroll.bench.gate;

import dev.unroll.bench.gate.Decision.Verdict;
import dev.unroll.bench.result.Run;
import dev.unroll.report.chart.Bars;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a gate found, for people and for programs.
 *
 * @param sentence the whole in one sentence
 * @param base what was compared with
 * @param candidate what was judged
 * @param exitCode 0 pass, 1 regression, 2 inconclusive
 * @param pairs how many pairs were measured
 * @param limitPercent the gate fails for what is proven to be this much slower
 * @param decisions one for each benchmark
 * @param notes what a reader has to know
 * @param changes the commits between both sides, newest first
 * @param environment what both sides ran in, a line each
 * @param profiles of what regressed
 */
record GateReport(
    String sentence,
    String base,
    String candidate,
    int exitCode,
    int pairs,
    double limitPercent,
    List<Decision> decisions,
    List<String> notes,
    List<String> changes,
    List<String> environment,
    List<Profile> profiles) {
  static final String FILE = "gate.json";
  static final String MARKDOWN = "report.md";

  /** Makes the sentence. */
  static String sentence(List<Decision> decisions) {
    List<String> failing = named(decisions.stream().filter(Decision::fails).toList());
    if (!failing.isEmpty()) {
      return "Regression: " + String.join(", ", failing) + ".";
    }
    List<String> parts = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      long count = decisions.stream().filter(d -> d.verdict() == verdict).count();
      if (count > 0) {
        parts.add(count + " " + verdict.toString().toLowerCase(Locale.ROOT));
      }
    }
    int exitCode = Judge.exitCode(decisions);
    List<String> regressed =
        named(decisions.stream().filter(d -> d.verdict() == Verdict.REGRESSED).toList());
    return "%s: of %d benchmark%s %s%s%s."
        .formatted(
            exitCode == 2 ? "Inconclusive" : "Pass",
            decisions.size(),
            decisions.size() == 1 ? "" : "s",
            String.join(", ", parts),
            regressed.isEmpty()
                ? ""
                : "; slower, but not proven to exceed the limit: " + String.join(", ", regressed),
            power(decisions));
  }

  /** What would have been found: a gate that passes says little where it sees little. */
  private static String power(List<Decision> decisions) {
    return decisions.stream()
        .map(Decision::detectable)
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .map(
            worst ->
                "; a slowdown of %s in any would have shown in 8 of 10 gates"
                    .formatted(Numbers.format("%.1f %%", 100 * (worst - 1))))
        .orElse("");
  }

  private static List<String> named(List<Decision> decisions) {
    return decisions.stream()
        .map(d -> d.pairs() == 0 ? d.name() : d.name() + " " + Judge.percent(d.ratio()))
        .toList();
  }

  /** The table for the console. */
  String console() {
    StringBuilder text = new StringBuilder(sentence).append('\n').append('\n');
    text.append(
        "%-30s %8s  %-18s  %-11s %s%n"
            .formatted("benchmark", "time", "95 % interval", "would show", "verdict"));
    for (Decision d : decisions) {
      text.append(
          "%-30s %8s  %-18s  %-11s %s%s%n"
              .formatted(
                  d.name(),
                  d.pairs() == 0 ? "" : Judge.percent(d.ratio()),
                  interval(d),
                  shows(d),
                  d.verdict(),
                  d.note() == null ? "" : " (" + d.note() + ")"));
    }
    notes.forEach(note -> text.append("Note: ").append(note).append('\n'));
    return text.toString();
  }

  private static String interval(Decision d) {
    return d.pairs() == 0
        ? ""
        : Numbers.format("[%+.1f, %+.1f] %%", 100 * (d.low() - 1), 100 * (d.high() - 1));
  }

  private static String shows(Decision d) {
    return d.detectable() == null ? "" : Judge.percent(d.detectable());
  }

  /** The same in Markdown. */
  String markdown() {
    StringBuilder text = new StringBuilder("# Throughput gate\n\n**");
    text.append(Markdown.escape(sentence)).append("**\n\n");
    text.append(
        """
        %s against %s, %d pairs of processes. A benchmark regressed if it is proven to be more than %s slower; the gate fails for more than %s. Each interval is of its benchmark alone; a verdict allows for all of them at once (Holm), so it may say less. "Would show" is the slowdown that as many pairs as noisy as these find in 8 of 10 gates.

        """
            .formatted(
                candidate, base, pairs, percent(100 * (Judge.MARGIN - 1)), percent(limitPercent)));
    text.append(table());
    list(text, "", notes.stream().map(Markdown::escape).toList());
    list(text, "## What changed", changes.stream().map(Markdown::escape).toList());
    list(text, "## Where it ran", environment);
    profiles.forEach(profile -> text.append('\n').append(table(profile)));
    return text.toString();
  }

  private static void list(StringBuilder text, String heading, List<String> items) {
    if (!items.isEmpty()) {
      text.append(heading.isEmpty() ? "" : "\n" + heading + "\n").append('\n');
      items.forEach(item -> text.append("* ").append(item).append('\n'));
    }
  }

  private static String table(Profile profile) {
    return """
    ## Where %s spends its time

    Methods on top of the stack, of %d samples of the base and %d of the candidate.

    """
            .formatted(
                Markdown.escape(profile.benchmark()),
                profile.baseSamples(),
                profile.candidateSamples())
        + Markdown.table(
            List.of("method", "base, %", "candidate, %"),
            profile.methods().stream()
                .map(
                    m ->
                        List.of(
                            "`" + m.name() + "`",
                            Numbers.format("%.1f", 100 * m.base()),
                            Numbers.format("%.1f", 100 * m.candidate())))
                .toList());
  }

  private String table() {
    return decisions.stream()
        .map(
            d ->
                "| %s | %s | %s | %s | %s | %s |\n"
                    .formatted(
                        d.name(),
                        d.pairs() == 0 ? "" : Numbers.format("%.4f", d.ratio()),
                        interval(d),
                        shows(d),
                        d.fails() || d.verdict() == Verdict.NOT_COMPARED
                            ? "**" + d.verdict() + "**"
                            : d.verdict().toString(),
                        d.note() == null ? "" : Markdown.escape(d.note())))
        .collect(
            Collectors.joining(
                "",
                """
                | benchmark | ratio | 95 % interval | would show | verdict | note |
                |---|--:|---|--:|---|---|
                """,
                ""));
  }

  static String percent(double percent) {
    return Numbers.format("%.0f %%", percent);
  }

  /** Writes all files of a gate's folder. */
  void write(RunFolder folder, Run run) throws IOException {
    folder.writeJson(FILE, this);
    List<Decision> measured = decisions.stream().filter(d -> d.pairs() > 0).toList();
    String text = markdown();
    if (!measured.isEmpty()) {
      Bars bars = new Bars("Change of time with 95 % intervals: above 0 is slower", "", "percent");
      bars.add(
          "candidate",
          Ink.BLUE,
          measured.stream().map(Decision::name).toList(),
          measured.stream().mapToDouble(d -> 100 * (d.ratio() - 1)).toArray(),
          measured.stream().mapToDouble(d -> 100 * (d.low() - 1)).toArray(),
          measured.stream().mapToDouble(d -> 100 * (d.high() - 1)).toArray());
      Chart chart = new Chart("ratios", "Change of time of each benchmark", bars);
      Charts.write(folder.path(), chart);
      RunReport.keep(folder, List.of(chart));
      text += "\n![%s](%s.png)\n".formatted(chart.caption(), chart.file());
    }
    RunReport.write(folder, text + "\n" + foot(run));
  }

  static String foot(Run run) {
    return "%s, %s; took %s; `%s`\n"
        .formatted(run.machine(), run.date(), run.duration(), run.command());
  }
}
