package dev.unroll.bench.gate;

import dev.unroll.bench.gate.Decision.Verdict;
import dev.unroll.bench.gate.Statistics.Estimator;
import dev.unroll.bench.gate.Statistics.Figure;
import dev.unroll.bench.gate.Statistics.Slowdown;
import dev.unroll.report.number.Holm;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.random.Well19937c;
import org.jspecify.annotations.Nullable;

/**
 * Turns pairs into verdicts. A benchmark has regressed if it is proven to be more than {@link
 * #MARGIN} slower: one-sided, 5 % over the whole family of benchmarks by Holm. The gate fails if it
 * is proven to be slower than a limit, which is the margin unless a larger one is given.
 */
final class Judge {
  /** Layout and compilation differ by this much between builds that nobody would tell apart. */
  static final double MARGIN = 1.01;

  /** An interval that ends below this is "within noise"; one that goes further is inconclusive. */
  static final double NOISE = 1.03;

  static final int LEAST_PAIRS = 5;

  /** How often {@link Decision#detectable} is found. */
  static final double POWER = 0.8;

  private static final double ALPHA = 0.05;

  private final double limit;
  private final Accepted accepted;

  /**
   * Chooses what fails.
   *
   * @param limit the gate fails if a benchmark is proven to take this many times as long
   * @param accepted slowdowns that are meant
   */
  Judge(double limit, Accepted accepted) {
    this.limit = Math.max(MARGIN, limit);
    this.accepted = accepted;
  }

  /**
   * What the pairs hold on one benchmark.
   *
   * @param pairs how many pairs measured it on both sides
   * @param of how many there are
   * @param slowdown null without pairs
   */
  record Evidence(
      String name,
      int pairs,
      int of,
      @Nullable Slowdown slowdown,
      long baseBytes,
      long candidateBytes,
      @Nullable String baseFailure,
      @Nullable String candidateFailure) {}

  /**
   * Collects the evidence on one benchmark. The same pairs always give the same.
   *
   * @param plant the planted slowdown to look at, 0 for none
   * @param clock what calls are timed by
   */
  static Evidence evidence(List<Pair> pairs, Benchmark benchmark, int plant, Clock clock) {
    String name = benchmark.name();
    List<Figure> base = new ArrayList<>();
    List<Figure> candidate = new ArrayList<>();
    long baseBytes = Long.MAX_VALUE;
    long candidateBytes = Long.MAX_VALUE;
    @Nullable String baseFailure = null;
    @Nullable String candidateFailure = null;
    Well19937c random = new Well19937c(31L * name.hashCode() + plant);
    for (Pair pair : pairs) {
      Turn.Measured before = pair.base().measured().get(name);
      Turn.Measured after = pair.candidate().measured().get(name);
      if (before == null) {
        baseFailure = pair.base().failures().getOrDefault(name, "it was not measured");
      }
      if (after == null) {
        candidateFailure = pair.candidate().failures().getOrDefault(name, "it was not measured");
      }
      if (before != null && after != null) {
        base.add(Figure.of(slices(before, 0, clock), random));
        candidate.add(Figure.of(slices(after, plant, clock), random));
        baseBytes = Math.min(baseBytes, before.allocated());
        candidateBytes = Math.min(candidateBytes, after.allocated());
      }
    }
    boolean none = base.isEmpty();
    return new Evidence(
        name,
        base.size(),
        pairs.size(),
        none
            ? null
            : Statistics.slowdown(base, candidate, Estimator.of(benchmark.threads()), random),
        none ? 0 : baseBytes,
        none ? 0 : candidateBytes,
        baseFailure,
        candidateFailure);
  }

  private static List<long[]> slices(Turn.Measured measured, int plant, Clock clock) {
    List<long[]> slices = clock.slices(measured).get(plant);
    if (slices == null) {
      throw new IllegalArgumentException("no slices with a planted slowdown of " + plant + " %");
    }
    return slices;
  }

  /** Judges a family of benchmarks. */
  List<Decision> decide(List<Evidence> family) {
    List<Evidence> measured = new ArrayList<>();
    List<Slowdown> slowdowns = new ArrayList<>();
    for (Evidence evidence : family) {
      if (evidence.slowdown() != null) {
        measured.add(evidence);
        slowdowns.add(evidence.slowdown());
      }
    }
    double[] slower = holm(slowdowns, MARGIN);
    double[] over = holm(slowdowns, limit);
    double[] faster =
        Holm.adjusted(slowdowns.stream().mapToDouble(s -> s.pFasterThan(1 / MARGIN)).toArray());
    Map<String, Decision> decisions = new LinkedHashMap<>();
    family.forEach(evidence -> decisions.put(evidence.name(), unmeasured(evidence)));
    for (int i = 0; i < measured.size(); i++) {
      Decision decision =
          timed(
              measured.get(i),
              slowdowns.get(i),
              slower[i] <= ALPHA,
              over[i] <= ALPHA,
              faster[i] <= ALPHA,
              detectable(slowdowns.get(i), measured.size()));
      decisions.put(decision.name(), decision);
    }
    return List.copyOf(decisions.values());
  }

  private static double[] holm(List<Slowdown> slowdowns, double ratio) {
    return Holm.adjusted(slowdowns.stream().mapToDouble(s -> s.pSlowerThan(ratio)).toArray());
  }

  /**
   * The slowdown that is found with a probability of {@value #POWER} by as many pairs as noisy as
   * these, in a family of so many, if the log-ratio errs as a normal variable does.
   */
  static double detectable(Slowdown slowdown, int family) {
    NormalDistribution normal = new NormalDistribution();
    double errors =
        normal.inverseCumulativeProbability(1 - ALPHA / family)
            + normal.inverseCumulativeProbability(POWER);
    return MARGIN * Math.exp(errors * slowdown.standardError());
  }

  private static Decision unmeasured(Evidence e) {
    if (e.baseFailure() == null && e.candidateFailure() != null) {
      return new Decision(
          e.name(),
          Verdict.REGRESSED,
          0,
          1,
          1,
          1,
          0,
          0,
          null,
          true,
          "fails on the candidate, not on the base: " + e.candidateFailure());
    }
    String why =
        e.candidateFailure() == null
            ? "does not run on the base, so nothing was compared: " + e.baseFailure()
            : "fails on both sides: " + e.candidateFailure();
    return notCompared(e.name(), why);
  }

  /** A decision on what was measured on neither side, or on one only. */
  static Decision notCompared(String name, String why) {
    return new Decision(name, Verdict.NOT_COMPARED, 0, 1, 1, 1, 0, 0, null, false, why);
  }

  private Decision timed(
      Evidence e,
      Slowdown slowdown,
      boolean slower,
      boolean over,
      boolean faster,
      double detectable) {
    List<String> notes = new ArrayList<>();
    if (e.pairs() < e.of()) {
      notes.add(
          "measured in %d of %d pairs: %s"
              .formatted(
                  e.pairs(),
                  e.of(),
                  e.candidateFailure() == null ? e.baseFailure() : e.candidateFailure()));
    }
    long more = e.candidateBytes() - e.baseBytes();
    boolean allocates = more != 0;
    if (allocates) {
      notes.add(
          "a call allocates %d bytes instead of %d: if that is meant, say in a commit message \"Accept-allocation: %s %d\""
              .formatted(e.candidateBytes(), e.baseBytes(), e.name(), more));
    }
    boolean enough = e.pairs() >= LEAST_PAIRS;
    if (!enough) {
      notes.add("needs at least %d pairs".formatted(LEAST_PAIRS));
    }
    boolean slow = enough && slower;
    Verdict verdict;
    boolean fails = false;
    if (allocates || slow) {
      boolean meant =
          (!allocates || accepted.allocation(e.name(), more))
              && (!slow || accepted.slowdown(e.name(), slowdown.ratio()));
      verdict = meant ? Verdict.ACCEPTED : slow ? Verdict.REGRESSED : Verdict.REALLOCATED;
      fails = !meant && (allocates || over);
    } else if (!enough) {
      verdict = Verdict.INCONCLUSIVE;
    } else if (faster) {
      verdict = Verdict.IMPROVED;
    } else {
      verdict = slowdown.high() < NOISE ? Verdict.WITHIN_NOISE : Verdict.INCONCLUSIVE;
    }
    return new Decision(
        e.name(),
        verdict,
        e.pairs(),
        slowdown.ratio(),
        slowdown.low(),
        slowdown.high(),
        e.baseBytes(),
        e.candidateBytes(),
        enough ? detectable : null,
        fails,
        notes.isEmpty() ? null : String.join("; ", notes));
  }

  /**
   * Holds the base's list of benchmarks against ours, since what is renamed or dropped would
   * otherwise leave the gate unseen.
   *
   * @param base null if it has no list
   * @return a decision for each that only the base has
   */
  List<Decision> gone(@Nullable List<Gated> base, List<Gated> ours) {
    List<Decision> gone = new ArrayList<>();
    for (Gated benchmark : base == null ? List.<Gated>of() : base) {
      if (ours.stream().noneMatch(b -> b.name().equals(benchmark.name()))) {
        Decision decision =
            notCompared(
                benchmark.name(),
                "only the base lists it: give it its name back, or say in a commit message"
                    + " \"Accept-missing: "
                    + benchmark.name()
                    + "\"");
        gone.add(
            accepted.missing(benchmark.name())
                ? decision.as(Verdict.ACCEPTED, "only the base lists it")
                : decision);
      }
    }
    return gone;
  }

  /** Whether the decisions need no second look: none is bad, and none looks as if it were. */
  static boolean settled(List<Decision> decisions) {
    return decisions.stream()
        .noneMatch(
            d ->
                d.verdict() == Verdict.REGRESSED
                    || d.verdict() == Verdict.INCONCLUSIVE
                    || (d.verdict() == Verdict.WITHIN_NOISE && d.ratio() > MARGIN));
  }

  /** The gate's exit code: 0 pass, 1 regression, 2 inconclusive. */
  static int exitCode(List<Decision> decisions) {
    if (decisions.stream().anyMatch(Decision::fails)) {
      return 1;
    }
    return decisions.stream()
            .anyMatch(
                d -> d.verdict() == Verdict.INCONCLUSIVE || d.verdict() == Verdict.NOT_COMPARED)
        ? 2
        : 0;
  }

  /** A change of time in percent, with its sign. */
  static String percent(double ratio) {
    return Numbers.format("%+.1f %%", 100 * (ratio - 1));
  }
}
