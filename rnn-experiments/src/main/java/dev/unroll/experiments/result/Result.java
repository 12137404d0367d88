package dev.unroll.experiments.result;

import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run found: the content of result.json, from which alone the report is made. It holds no
 * time, so that the same seeds give the same bytes.
 *
 * @param experiment the experiment's name
 * @param command what made it, as arguments of the program
 * @param quick whether the small setting was run
 * @param seeds the seeds, in order
 * @param config every setting with its value
 * @param story the paragraph for the report
 * @param figures every figure with its interval and band
 * @param checks statements that hold or do not
 * @param tables what the report prints as tables
 * @param charts what the report shows as charts
 * @param failures trials that stopped, a sentence each
 * @param claims what papers say, and whether it was seen here
 * @param verdict what the bands and checks say together
 */
public record Result(
    String experiment,
    String command,
    boolean quick,
    List<Long> seeds,
    ObjectNode config,
    Story story,
    List<Figure> figures,
    List<Check> checks,
    List<Table> tables,
    List<ChartFile> charts,
    List<String> failures,
    List<Claim> claims,
    Verdict verdict) {
  /** Checks that a file left nothing out. */
  public Result {
    for (Object part :
        Arrays.asList(
            experiment,
            command,
            seeds,
            config,
            story,
            figures,
            checks,
            tables,
            charts,
            failures,
            claims,
            verdict)) {
      Objects.requireNonNull(part, "a part of the result is missing");
    }
  }

  /**
   * The paragraph a student reads.
   *
   * @param question what is asked
   * @param setting how it is tried
   * @param notebookSaid what the notebook printed, drew or concluded
   * @param happened what was measured
   * @param why the explanation
   */
  public record Story(
      String question, String setting, String notebookSaid, String happened, String why) {}

  /**
   * A statement that was put to the test.
   *
   * @param statement what should hold
   * @param holds whether it does
   * @param measured the numbers behind it
   */
  public record Check(String statement, boolean holds, String measured) {}

  /**
   * What a paper says, beside what was measured here.
   *
   * @param source the paper
   * @param claim what it says
   * @param ours what was measured, and where the setting differs
   * @param verdict {@code reproduced}, {@code not reproduced}, or {@code out of reach here} with
   *     the cost it would take
   */
  public record Claim(String source, String claim, String ours, String verdict) {
    private static final String REPRODUCED = "reproduced";
    private static final String NOT_REPRODUCED = "not reproduced";
    private static final String OUT_OF_REACH = "out of reach here";

    /** A claim that was put to the test. */
    public static Claim tested(String source, String claim, String ours, boolean holds) {
      return new Claim(source, claim, ours, holds ? REPRODUCED : NOT_REPRODUCED);
    }

    /** A claim that this run is too small for; {@code cost} says what would do. */
    public static Claim outOfReach(String source, String claim, String ours, String cost) {
      return new Claim(source, claim, ours, OUT_OF_REACH + ": " + cost);
    }

    /** The claim without a verdict. */
    public Claim unjudged() {
      return new Claim(source, claim, ours, "not judged");
    }

    private static Verdict summary(List<Claim> claims) {
      long reproduced = claims.stream().filter(c -> c.verdict.equals(REPRODUCED)).count();
      long missed = claims.stream().filter(c -> c.verdict.equals(NOT_REPRODUCED)).count();
      return new Verdict(
          "claims",
          "Of %d claims of papers %d reproduced, %d not reproduced, %d out of reach here."
              .formatted(claims.size(), reproduced, missed, claims.size() - reproduced - missed));
    }
  }

  /**
   * A table of finished texts.
   *
   * @param title its heading
   * @param columns the column heads
   * @param rows the cells, row by row
   */
  public record Table(String title, List<String> columns, List<List<String>> rows) {}

  /**
   * A chart beside result.json, as PNG.
   *
   * @param file the name without its ending
   * @param caption what it shows
   */
  public record ChartFile(String file, String caption) {}

  /**
   * What the bands say.
   *
   * @param status {@code inside}, {@code outside}, {@code claims} where papers are judged instead
   *     of bands, or {@code not judged}
   * @param sentence the same for people
   */
  public record Verdict(String status, String sentence) {
    /** Counts the claims by what became of them. */
    public static Verdict of(List<Claim> claims) {
      return Claim.summary(claims);
    }

    /** Judges figures and checks; {@code unjudged} says why no verdict is due, or is null. */
    public static Verdict of(List<Figure> figures, List<Check> checks, @Nullable String unjudged) {
      if (unjudged != null) {
        return new Verdict("not judged", unjudged);
      }
      List<String> misses = new ArrayList<>();
      int judged = checks.size();
      for (Figure figure : figures) {
        if (figure.inside() != null) {
          judged++;
          if (!figure.inside() && figure.band() != null) {
            misses.add(
                Numbers.format(
                    "%s %s is %s, its band %s",
                    figure.name(),
                    figure.where(),
                    Numbers.plain(figure.mean()),
                    figure.band().text()));
          }
        }
      }
      for (Check check : checks) {
        if (!check.holds()) {
          misses.add(check.statement() + ": " + check.measured());
        }
      }
      if (judged == 0) {
        return new Verdict("not judged", "No band is known for this setting.");
      }
      return misses.isEmpty()
          ? new Verdict(
              "inside",
              judged == 1
                  ? "The one figure or check is as it should be."
                  : "All " + judged + " figures and checks are as they should be.")
          : new Verdict(
              "outside",
              misses.size() + " of " + judged + " missed: " + String.join("; ", misses) + ".");
    }
  }
}
