package dev.unroll.experiments.result;

import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
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
    Json.requireAll(
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
        verdict);
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
      String question, String setting, String notebookSaid, String happened, String why) {
    /** Checks that a file left nothing out. */
    public Story {
      Json.requireAll(question, setting, notebookSaid, happened, why);
    }
  }

  /**
   * A statement that was put to the test.
   *
   * @param statement what should hold
   * @param holds whether it does
   * @param measured the numbers behind it
   */
  public record Check(String statement, boolean holds, String measured) {
    /** Checks that a file left nothing out. */
    public Check {
      Json.requireAll(statement, measured);
    }
  }

  /**
   * What a paper says, beside what was measured here.
   *
   * @param id its name within the experiment
   * @param source the paper
   * @param where where in it
   * @param claim what it says
   * @param ours what is measured here, and where the setting differs
   * @param needed which figure has to lie where, and why there
   * @param measured the figures
   * @param p how likely figures as far from undecided are by chance alone, from both sides; null
   *     where nothing can be told
   * @param verdict begins with {@code reproduced}, {@code contradicted}, {@code undecided}, {@code
   *     not tried} or {@code exploratory}
   */
  public record Claim(
      String id,
      String source,
      @Nullable String where,
      String claim,
      @Nullable String ours,
      @Nullable String needed,
      @Nullable String measured,
      @Nullable Double p,
      String verdict) {
    /** Checks that a file left nothing out. */
    public Claim {
      Json.requireAll(id, source, claim, verdict);
    }

    /** The figures lie where the claim needs them. */
    public static final String REPRODUCED = "reproduced";

    /** They lie elsewhere. */
    public static final String CONTRADICTED = "contradicted";

    /** They may lie on either side. */
    public static final String UNDECIDED = "undecided";

    /** There are none. */
    public static final String NOT_TRIED = "not tried";

    /** The claim was written, or changed, after trials had been started. */
    public static final String EXPLORATORY = "exploratory";

    private static final List<String> VERDICTS =
        List.of(REPRODUCED, CONTRADICTED, UNDECIDED, NOT_TRIED, EXPLORATORY);

    /** The claim with another verdict and no test. */
    public Claim with(String other) {
      return new Claim(id, source, where, claim, ours, needed, measured, null, other);
    }

    /** The claim without a verdict. */
    public Claim unjudged() {
      return with("not judged");
    }

    /** How many claims came to which verdict, such as {@code 2 reproduced, 1 undecided}. */
    public static String count(List<Claim> claims) {
      return VERDICTS.stream()
          .map(verdict -> claims.stream().filter(one -> one.is(verdict)).count() + " " + verdict)
          .filter(count -> !count.startsWith("0 "))
          .collect(Collectors.joining(", "));
    }

    /** Whether its verdict begins so. */
    public boolean is(String first) {
      return verdict.startsWith(first);
    }
  }

  /**
   * A table of finished texts.
   *
   * @param title its heading
   * @param columns the column heads
   * @param rows the cells, row by row
   */
  public record Table(String title, List<String> columns, List<List<String>> rows) {
    /** Checks that a file left nothing out. */
    public Table {
      Json.requireAll(title, columns, rows);
    }
  }

  /**
   * A chart beside result.json, as PNG.
   *
   * @param file the name without its ending
   * @param caption what it shows
   */
  public record ChartFile(String file, String caption) {
    /** Checks that a file left nothing out. */
    public ChartFile {
      Json.requireAll(file, caption);
    }
  }

  /**
   * What the bands say.
   *
   * @param status {@code inside}, {@code outside}, {@code claims} where papers are judged instead
   *     of bands, or {@code not judged}
   * @param sentence the same for people
   */
  public record Verdict(String status, String sentence) {
    /** Checks that a file left nothing out. */
    public Verdict {
      Json.requireAll(status, sentence);
    }

    /** Counts the claims by what became of them. */
    public static Verdict of(List<Claim> claims) {
      return new Verdict("claims", "%d claims: %s.".formatted(claims.size(), Claim.count(claims)));
    }

    /** Judges figures and checks; {@code unjudged} says why no verdict is due, or is null. */
    public static Verdict of(List<Figure> figures, List<Check> checks, @Nullable String unjudged) {
      if (unjudged != null) {
        return new Verdict("not judged", unjudged);
      }
      List<String> misses = new ArrayList<>();
      List<String> open = new ArrayList<>();
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
        } else if (figure.band() != null) {
          open.add(figure.name() + " " + figure.where() + " is " + figure.withoutUnit());
        }
      }
      for (Check check : checks) {
        if (!check.holds()) {
          misses.add(check.statement() + ": " + check.measured());
        }
      }
      String undecided =
          open.isEmpty()
              ? ""
              : " Undecided, since the interval holds 0: " + String.join("; ", open) + ".";
      if (judged == 0) {
        return new Verdict(
            "not judged",
            open.isEmpty() ? "No band is known for this setting." : undecided.strip());
      }
      if (!misses.isEmpty()) {
        return new Verdict(
            "outside",
            "%d of %d missed: %s.%s"
                .formatted(misses.size(), judged, String.join("; ", misses), undecided));
      }
      String all =
          judged == 1
              ? "The one figure or check is as it should be."
              : "All " + judged + " figures and checks are as they should be.";
      return new Verdict("inside", all + undecided);
    }
  }
}
