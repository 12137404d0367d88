package dev.unroll.experiments.report;

import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.report.number.Holm;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The claims of all judged runs in one folder, and what Holm's correction leaves of them. */
final class Family {
  private static final Pattern BY_SEED = Pattern.compile("each seed counted once (\\w+)");
  private static final double ERROR = .05;
  private static final Properties REMARKS = Resources.properties(Family.class, "claims.properties");

  private final List<Path> runs;
  private final Map<Path, Result> results = new HashMap<>();
  private final Map<Result.Claim, Double> adjusted = new HashMap<>();

  private Family(List<Path> runs) {
    this.runs = runs;
    List<Result.Claim> tested = new ArrayList<>();
    for (Path run : runs) {
      Result result = ResultStore.read(run);
      results.put(run, result);
      result.claims().stream()
          .filter(claim -> claim.p() != null && !claim.is(Result.Claim.EXPLORATORY))
          .forEach(tested::add);
    }
    double[] p =
        Holm.adjusted(
            tested.stream().mapToDouble(claim -> claim.p() == null ? 1 : claim.p()).toArray());
    for (int i = 0; i < p.length; i++) {
      adjusted.put(tested.get(i), p[i]);
    }
  }

  /** Of every finished run that was judged, also where one at the usual settings is newer. */
  static Family under(Path root) {
    return new Family(
        ResultStore.finishedUnder(root).stream()
            .filter(run -> !ResultStore.read(run).quick())
            .filter(run -> !ResultStore.read(run).claims().isEmpty())
            .toList());
  }

  /** The runs with claims, by name. */
  List<Path> runs() {
    return runs;
  }

  Result result(Path run) {
    return Objects.requireNonNull(results.get(run));
  }

  /** How many claims have a test, those that were tried twice twice. */
  int tests() {
    return adjusted.size();
  }

  /** The adjusted p; null where there is no test. */
  @Nullable Double p(Result.Claim claim) {
    return adjusted.get(claim);
  }

  /** Every claim once: that of the newest run of its experiment that has it. */
  List<Result.Claim> once() {
    List<Result.Claim> once = new ArrayList<>();
    for (Path run : runs) {
      Set<String> later = new HashSet<>();
      for (Path other : runs) {
        if (result(other).experiment().equals(result(run).experiment())
            && began(other).compareTo(began(run)) > 0) {
          result(other).claims().forEach(claim -> later.add(claim.id()));
        }
      }
      result(run).claims().stream().filter(claim -> !later.contains(claim.id())).forEach(once::add);
    }
    return once;
  }

  static String began(Path run) {
    return Sessions.read(run).sessions().getFirst().provenance().date();
  }

  /** How many verdicts stand after the correction, such as {@code 2 reproduced, 1 contradicted}. */
  String standing(List<Result.Claim> claims) {
    return "%d reproduced, %d contradicted"
        .formatted(
            claims.stream().filter(one -> one.is(Result.Claim.REPRODUCED) && stands(one)).count(),
            claims.stream()
                .filter(one -> one.is(Result.Claim.CONTRADICTED) && stands(one))
                .count());
  }

  /** The first words of a verdict, and whether the correction leaves it. */
  String brief(Result.Claim claim) {
    Matcher bySeed = BY_SEED.matcher(claim.verdict());
    return claim.verdict().replaceFirst("[:,;].*", "")
        + (bySeed.find() ? ", by seed " + bySeed.group(1) : "")
        + (undone(claim) ? ", undecided after Holm" : "");
  }

  private boolean undone(Result.Claim claim) {
    boolean told = claim.is(Result.Claim.REPRODUCED) || claim.is(Result.Claim.CONTRADICTED);
    return told && adjusted.containsKey(claim) && !stands(claim);
  }

  private boolean stands(Result.Claim claim) {
    Double p = adjusted.get(claim);
    return p != null && p < ERROR;
  }

  /** The verdict, what the correction makes of it, and what has to be known beside it. */
  String verdict(Result result, Result.Claim claim) {
    String remark = REMARKS.getProperty(result.experiment() + "." + claim.id());
    return "**"
        + Markdown.escape(claim.verdict())
        + "**"
        + (undone(claim) ? ", undecided after Holm" : "")
        + (remark == null ? "" : ". " + Markdown.escape(remark));
  }
}
