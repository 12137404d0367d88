package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.report.number.Holm;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.run.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All claims of all runs on one page, with the error of the whole family held: the verdicts of one
 * claim each, and those that stand after Holm's correction over all of them.
 */
final class ClaimsPage {
  private static final double FAMILY_WISE_ERROR = .05;

  private ClaimsPage() {}

  /** The page's generated part. */
  static String of(List<Path> runs, String link) {
    List<Path> judging = runs.stream().filter(run -> !claims(run).isEmpty()).toList();
    List<Result.Claim> all = judging.stream().flatMap(run -> claims(run).stream()).toList();
    Map<Result.Claim, Double> adjusted = adjusted(all);
    StringBuilder text = new StringBuilder("\n");
    text.append(
        "%d claims: %s. After Holm's correction over the %d with a test: %d reproduced, %d contradicted.%n%n"
            .formatted(
                all.size(),
                Result.Claim.count(all),
                adjusted.size(),
                standing(adjusted, Result.Claim.REPRODUCED),
                standing(adjusted, Result.Claim.CONTRADICTED)));
    for (Path run : judging) {
      Result result = ResultStore.read(run);
      Provenance first = Sessions.read(run).sessions().getFirst().provenance();
      text.append(
          "### [%s](%s%s/report.md)%n%n".formatted(result.experiment(), link, run.getFileName()));
      text.append(
          "%s Seeds %s; first trial %s at commit %s; `./unroll %s`.%n%n"
              .formatted(
                  Markdown.escape(result.story().question()),
                  seeds(result.seeds()),
                  first.date(),
                  first.version(),
                  result.command()));
      text.append(table(result, adjusted)).append('\n');
    }
    return text.toString();
  }

  /** The claims of one run among all. */
  static String of(List<Path> runs, Path one) {
    List<Result.Claim> all = runs.stream().flatMap(run -> claims(run).stream()).toList();
    return "\n" + table(ResultStore.read(one), adjusted(all)) + "\n";
  }

  private static String table(Result result, Map<Result.Claim, Double> adjusted) {
    return Markdown.table(
        List.of("claim", "source", "measured", "needed", "p", "p, Holm", "verdict"),
        result.claims().stream().map(claim -> row(claim, adjusted.get(claim))).toList());
  }

  private static List<Result.Claim> claims(Path run) {
    return ResultStore.read(run).claims();
  }

  /** The claims with a test that were written before their trials, each with its adjusted p. */
  private static Map<Result.Claim, Double> adjusted(List<Result.Claim> all) {
    List<Result.Claim> tested =
        all.stream()
            .filter(claim -> claim.p() != null && !claim.is(Result.Claim.EXPLORATORY))
            .toList();
    double[] p = Holm.adjusted(tested.stream().mapToDouble(ClaimsPage::p).toArray());
    Map<Result.Claim, Double> adjusted = new HashMap<>();
    for (int i = 0; i < p.length; i++) {
      adjusted.put(tested.get(i), p[i]);
    }
    return adjusted;
  }

  private static double p(Result.Claim claim) {
    return claim.p() == null ? 1 : claim.p();
  }

  private static long standing(Map<Result.Claim, Double> adjusted, String verdict) {
    return adjusted.entrySet().stream()
        .filter(one -> one.getKey().is(verdict) && one.getValue() < FAMILY_WISE_ERROR)
        .count();
  }

  private static List<String> row(Result.Claim claim, @Nullable Double adjusted) {
    String verdict = "**" + Markdown.escape(claim.verdict()) + "**";
    boolean told = claim.is(Result.Claim.REPRODUCED) || claim.is(Result.Claim.CONTRADICTED);
    if (told && adjusted != null && adjusted >= FAMILY_WISE_ERROR) {
      verdict += ", undecided after Holm";
    }
    return List.of(
        Markdown.escape(claim.claim()),
        Markdown.escape(source(claim)),
        Markdown.escape(text(claim.measured())),
        Markdown.escape(text(claim.needed())),
        probability(claim.p()),
        probability(adjusted),
        verdict);
  }

  /** The paper, and where in it. */
  static String source(Result.Claim claim) {
    return claim.source() + (claim.where() == null ? "" : ", " + claim.where());
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** A p-value as people read it. */
  static String probability(@Nullable Double p) {
    return p == null
        ? ""
        : p < 1e-4 ? "< .0001" : Numbers.format("%.4f", p).substring(p < 1 ? 1 : 0);
  }

  /** {@code 11 to 20}, or each where they do not follow each other. */
  private static String seeds(List<Long> seeds) {
    List<String> each = new ArrayList<>();
    seeds.forEach(seed -> each.add(String.valueOf(seed)));
    boolean follow = seeds.getLast() - seeds.getFirst() == seeds.size() - 1;
    return follow && seeds.size() > 2
        ? each.getFirst() + " to " + each.getLast()
        : String.join(", ", each);
  }
}
