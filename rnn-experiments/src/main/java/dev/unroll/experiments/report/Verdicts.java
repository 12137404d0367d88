package dev.unroll.experiments.report;

import dev.unroll.experiments.claim.Claim;
import dev.unroll.experiments.claim.Claims;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.Resources;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What became of the claims that were judged on three seeds before claims were data. */
final class Verdicts {
  private Verdicts() {}

  /** Each old claim with its verdict beside today's claims, and what their runs took. */
  static String of(Family family) {
    List<List<String>> rows =
        Resources.text(Verdicts.class, "verdicts.txt")
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(line -> Arrays.asList(line.split(" \\| ", -1)))
            .map(
                one ->
                    List.of(
                        one.get(0),
                        Markdown.escape(one.get(1)),
                        Markdown.escape(one.get(2)),
                        Arrays.stream(one.get(3).split(" ", -1))
                            .map(id -> today(id, family))
                            .collect(Collectors.joining("; "))))
            .toList();
    return "\n"
        + Markdown.table(
            List.of("experiment", "claim", "verdict then", "claims and verdicts today"), rows)
        + "\nWhat each run took:\n\n"
        + Markdown.table(
            List.of("run", "begun", "seeds", "hours of processor time"),
            family.runs().stream().map(run -> took(run, family)).toList())
        + "\n";
  }

  private static String today(String id, Family family) {
    int dot = id.indexOf('.');
    String experiment = id.substring(0, dot);
    String name = id.substring(dot + 1);
    Optional<Result.Claim> judged =
        family.runs().stream()
            .map(family::result)
            .filter(result -> result.experiment().equals(experiment))
            .flatMap(
                result ->
                    family.once().stream()
                        .filter(claim -> claim.id().equals(name))
                        .filter(result.claims()::contains))
            .findFirst();
    if (judged.isPresent()) {
      return id + ": **" + family.brief(judged.get()) + "**";
    }
    Claim open =
        Claims.of(experiment).claims().stream()
            .filter(claim -> claim.id().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "verdicts.txt names " + id + ", which is no claim"));
    return id
        + (open.notTried() == null
            ? ": its full form is not finished"
            : ": **" + Result.Claim.NOT_TRIED + "**");
  }

  private static List<String> took(Path run, Family family) {
    List<Sessions.Session> sessions = Sessions.read(run).sessions();
    double seconds = sessions.stream().mapToDouble(Sessions.Session::cpuSeconds).sum();
    return List.of(
        run.getFileName().toString(),
        sessions.getFirst().provenance().date().substring(0, "2026-11-22".length()),
        String.valueOf(family.result(run).seeds().size()),
        Numbers.format("%.2f", seconds / 3600));
  }
}
