package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.run.Provenance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All claims of all runs on one page, with the error of the whole family held: the verdicts of one
 * claim each, and those that stand after Holm's correction over all of them.
 */
final class ClaimsPage {
  private ClaimsPage() {}

  /** The page's generated part. */
  static String of(Family family, String link) {
    List<Result.Claim> once = family.once();
    int rows = family.runs().stream().mapToInt(run -> family.result(run).claims().size()).sum();
    StringBuilder text = new StringBuilder("\n");
    text.append("%d claims: %s.".formatted(once.size(), Result.Claim.count(once)));
    text.append(
        " After Holm's correction over the %d tests in all tables: %s."
            .formatted(family.tests(), family.standing(once)));
    if (rows > once.size()) {
      text.append(
          " Each claim is counted once, with the verdict of its newest run; the tables of older"
              + " runs hold %d of them again.".formatted(rows - once.size()));
    }
    text.append("\n\n");
    for (Path run : family.runs()) {
      Result result = family.result(run);
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
      text.append(table(result, family)).append('\n');
    }
    return text.toString();
  }

  /** The claims of one run among all. */
  static String of(Family family, Path one) {
    return "\n" + table(family.result(one), family) + "\n";
  }

  private static String table(Result result, Family family) {
    return Markdown.table(
        List.of("claim", "source", "measured", "needed", "p", "p, Holm", "verdict"),
        result.claims().stream()
            .map(
                claim ->
                    List.of(
                        Markdown.escape(claim.claim()),
                        Markdown.escape(source(claim)),
                        Markdown.escape(text(claim.measured())),
                        Markdown.escape(text(claim.needed())),
                        probability(claim.p()),
                        probability(family.p(claim)),
                        family.verdict(result, claim)))
            .toList());
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
