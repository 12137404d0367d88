package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a paper says, and what has to be measured here for it to count as reproduced.
 *
 * @param source the paper
 * @param statement what it says
 * @param ours what was measured and where the setting differs, a template as {@link Telling} has
 *     them, in which {@code figure} is the figure under test
 * @param test what has to hold; null where this project's runs are too small for it
 * @param settled whether it holds, where that has been found from several figures together
 * @param cost what would do where the runs are too small, a template
 */
public record Claim(
    String source,
    String statement,
    String ours,
    @Nullable Test test,
    @Nullable Boolean settled,
    String cost) {
  private static final String ONE_SEED = "one seed has no interval, give more";

  /** A claim that is put to the test. */
  public static Claim tested(String source, String statement, String ours, Test test) {
    return new Claim(source, statement, ours, test, null, "");
  }

  /** A claim about several figures together, which the experiment has put to the test. */
  public static Claim settled(String source, String statement, String ours, boolean holds) {
    return new Claim(source, statement, ours, null, holds, "");
  }

  /** A claim that the whole interval of each figure lies above a bound; one seed cannot tell. */
  public static Claim allAbove(
      String source, String statement, String ours, List<Figure> figures, double bound) {
    return figures.stream().anyMatch(figure -> figure.low() == null)
        ? outOfReach(source, statement, ours, ONE_SEED)
        : settled(
            source,
            statement,
            ours,
            !figures.isEmpty() && figures.stream().allMatch(figure -> Test.low(figure) > bound));
  }

  /** A claim that the runs here are too small for. */
  public static Claim outOfReach(String source, String statement, String ours, String cost) {
    return new Claim(source, statement, ours, null, null, cost);
  }

  /**
   * What has to hold.
   *
   * @param measure the measure under test
   * @param place where, such as {@code variant=lstm:chrono}
   * @param needsInterval whether one seed, which has no interval, cannot tell
   * @param holds what its figure has to be like
   */
  public record Test(String measure, String place, boolean needsInterval, Predicate<Figure> holds) {
    /** The whole interval lies above a bound; one seed cannot tell. */
    public static Test above(String measure, String place, double bound) {
      return new Test(measure, place, true, figure -> low(figure) > bound);
    }

    /** The whole interval, or one seed's value, lies above a bound. */
    public static Test over(String measure, String place, double bound) {
      return new Test(measure, place, false, figure -> low(figure) > bound);
    }

    /** The whole interval, or one seed's value, lies below a bound. */
    public static Test under(String measure, String place, double bound) {
      return new Test(measure, place, false, figure -> high(figure) < bound);
    }

    /** The mean lies above a bound. */
    public static Test meanOver(String measure, String place, double bound) {
      return new Test(measure, place, false, figure -> figure.mean() > bound);
    }

    private static double low(Figure figure) {
      return figure.low() == null ? figure.mean() : figure.low();
    }

    private static double high(Figure figure) {
      return figure.high() == null ? figure.mean() : figure.high();
    }
  }

  /** The claim with its verdict; null where the settings leave out what it is about. */
  Result.@Nullable Claim judge(Outcome outcome, Telling.Words words) {
    if (settled != null) {
      return old(words.fill(ours), settled ? "reproduced" : "contradicted");
    }
    if (test == null) {
      return old(words.fill(ours), "not tried: " + words.fill(cost));
    }
    Grid grid = outcome.grid(test.measure);
    Figure figure = grid.at(test.place);
    if (figure == null) {
      return null;
    }
    String measured = words.with(Map.of("figure", words.figure(figure, grid.measure()))).fill(ours);
    return test.needsInterval && figure.low() == null
        ? old(measured, "undecided: " + ONE_SEED)
        : old(measured, test.holds.test(figure) ? "reproduced" : "contradicted");
  }

  private Result.Claim old(String measured, String verdict) {
    return new Result.Claim(
        "", source, null, statement, measured, null, null, null, "exploratory: " + verdict);
  }
}
