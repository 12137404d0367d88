package dev.unroll.report.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Times until an event, such as steps to a solution, some of which are censored: the run ended
 * first.
 */
public final class Survival {
  private static final NormalDistribution NORMAL = new NormalDistribution();
  private static final double Z = NORMAL.inverseCumulativeProbability(1 - Interval.TAIL);

  private final double[] times;
  private final boolean[] events;

  private Survival(double[] times, boolean[] events) {
    this.times = times.clone();
    this.events = events.clone();
  }

  /**
   * One trial each.
   *
   * @param times when its event came, or when it was last seen without one
   * @param events whether the event came
   * @throws IllegalArgumentException when there are none, or not as many of one as of the other
   */
  public static Survival of(double[] times, boolean[] events) {
    if (times.length == 0 || times.length != events.length) {
      throw new IllegalArgumentException(
          "Survival needs one event flag a time and at least one, not %d times and %d flags"
              .formatted(times.length, events.length));
    }
    return new Survival(times, events);
  }

  /**
   * One step of the Kaplan-Meier curve.
   *
   * @param time when the events came
   * @param atRisk how many were still waiting just before
   * @param events how many events came
   * @param survival the estimated share that waits beyond {@code time}
   * @param low lower end of its 95 % interval (Greenwood's variance on the log-log scale)
   * @param high upper end
   */
  public record Step(
      double time, int atRisk, int events, double survival, double low, double high) {}

  /**
   * A log-rank test (Mantel 1966).
   *
   * @param excess events beyond those expected if both hazards were the same
   * @param variance its hypergeometric variance; 0 where nothing can be compared
   */
  public record LogRank(double excess, double variance) {
    /** Chi-square with one degree of freedom. */
    public double chiSquare() {
      return variance == 0 ? 0 : excess * excess / variance;
    }

    /** Two-sided p-value of equal hazards. */
    public double p() {
      return 1 - new ChiSquaredDistribution(null, 1).cumulativeProbability(chiSquare());
    }
  }

  /** How many trials. */
  public int n() {
    return times.length;
  }

  /** The Kaplan-Meier curve: a step for each time that has events, in order. */
  public List<Step> curve() {
    List<Step> curve = new ArrayList<>();
    double survival = 1;
    double greenwood = 0;
    for (double time : eventTimes(this).toArray()) {
      int atRisk = atRisk(time);
      int here = eventsAt(time);
      survival *= 1 - (double) here / atRisk;
      greenwood += here / ((double) atRisk * (atRisk - here));
      curve.add(step(time, atRisk, here, survival, greenwood));
    }
    return curve;
  }

  private Step step(double time, int atRisk, int here, double survival, double greenwood) {
    if (survival == 0) { // the log-log scale ends here: Clopper-Pearson of none of all events
      double all = eventTimes(this).mapToInt(this::eventsAt).sum();
      return new Step(time, atRisk, here, 0, 0, 1 - StrictMath.pow(Interval.TAIL, 1 / all));
    }
    double width = Z * StrictMath.sqrt(greenwood) / -StrictMath.log(survival);
    return new Step(
        time,
        atRisk,
        here,
        survival,
        StrictMath.pow(survival, StrictMath.exp(width)),
        StrictMath.pow(survival, StrictMath.exp(-width)));
  }

  /** The first time at which no more than half are left; NaN where more are. */
  public double median() {
    return curve().stream()
        .filter(step -> step.survival <= .5)
        .mapToDouble(Step::time)
        .findFirst()
        .orElse(Double.NaN);
  }

  /**
   * The median's 95 % interval: the times at which the curve's own interval holds one half
   * (Brookmeyer and Crowley 1982, with the log-log interval of Borgan and Liestol 1990). An end
   * that is not reached is infinite.
   */
  public Interval medianInterval() {
    List<Step> curve = curve();
    return new Interval(
        first(curve.stream().filter(step -> step.low <= .5)),
        first(curve.stream().filter(step -> step.high <= .5)));
  }

  /**
   * The one-sided p-value of the claim that the median lies above a bound, from the same log-log
   * scale as {@link #medianInterval}; before the first event and after the last, that of as many
   * fair coins falling alike.
   */
  double pMedianAbove(double bound) {
    Step last = null;
    for (Step step : curve()) {
      if (step.time <= bound) {
        last = step;
      }
    }
    if (last == null) {
      return StrictMath.pow(.5, times.length);
    }
    if (last.survival == 0) {
      double all = eventTimes(this).mapToInt(this::eventsAt).sum();
      return 1 - StrictMath.pow(.5, all);
    }
    double at = StrictMath.log(-StrictMath.log(last.survival));
    double error = (StrictMath.log(-StrictMath.log(last.low)) - at) / Z;
    return NORMAL.cumulativeProbability((at - StrictMath.log(StrictMath.log(2))) / error);
  }

  private static double first(Stream<Step> steps) {
    return steps.mapToDouble(Step::time).findFirst().orElse(Double.POSITIVE_INFINITY);
  }

  /** The log-rank test against another sample; its excess is of this one's events. */
  public LogRank logRank(Survival other) {
    double excess = 0;
    double variance = 0;
    for (double time : eventTimes(this, other).toArray()) {
      double here = atRisk(time);
      double all = here + other.atRisk(time);
      double events = eventsAt(time) + other.eventsAt(time);
      excess += eventsAt(time) - events * here / all;
      if (all > 1) {
        variance += events * here / all * (1 - here / all) * (all - events) / (all - 1);
      }
    }
    return new LogRank(excess, variance);
  }

  private static DoubleStream eventTimes(Survival... samples) {
    return Arrays.stream(samples)
        .flatMapToDouble(
            sample ->
                IntStream.range(0, sample.n())
                    .filter(i -> sample.events[i])
                    .mapToDouble(i -> sample.times[i]))
        .sorted()
        .distinct();
  }

  private int atRisk(double time) {
    return (int) Arrays.stream(times).filter(other -> other >= time).count();
  }

  private int eventsAt(double time) {
    return (int) IntStream.range(0, n()).filter(i -> events[i] && times[i] == time).count();
  }
}
