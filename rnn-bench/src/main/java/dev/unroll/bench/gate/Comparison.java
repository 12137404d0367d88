package dev.unroll.bench.gate;

import dev.unroll.bench.gate.Decision.Verdict;
import dev.unroll.bench.result.Session;
import dev.unroll.report.number.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Two builds, and all that is known of them before they are measured.
 *
 * @param sides what is measured
 * @param subject what a log of pairs says that it is of
 * @param judge who decides
 * @param gone decisions that need no measuring
 * @param notes what a reader has to know
 * @param changes the commits between them, newest first
 * @param base what was compared with
 * @param candidate what is judged
 */
record Comparison(
    Sides sides,
    String subject,
    Judge judge,
    List<Decision> gone,
    List<String> notes,
    List<String> changes,
    String base,
    String candidate) {
  private static final int MOST_PROFILES = 3;

  /** Two builds of rnn-core. */
  static Comparison ofCores(
      Core before,
      Core after,
      List<Gated> benchmarks,
      Judge judge,
      List<Decision> gone,
      List<String> notes,
      List<String> changes,
      String base,
      String candidate) {
    return new Comparison(
        new CoreSides(before, after, benchmarks),
        "%s against %s, %s".formatted(after.fingerprint(), before.fingerprint(), benchmarks),
        judge,
        gone,
        notes,
        changes,
        base,
        candidate);
  }

  /** The same with another note. */
  Comparison with(String note) {
    List<String> all = new ArrayList<>(notes);
    all.add(note);
    return new Comparison(sides, subject, judge, gone, all, changes, base, candidate);
  }

  /** Measures, decides, and looks where what is slower spends its time. */
  GateReport decide(Gate gate, Session session, Path samples)
      throws IOException, InterruptedException {
    try (PairLog log = new PairLog(samples, subject)) {
      Pairs pairs = new Pairs(sides, log);
      List<String> said = new ArrayList<>(notes);
      said.add(sides.pinning());
      if (gate.clock() == Clock.CPU) {
        said.add("benchmarks of one thread are timed by the processor's time");
      }
      List<Decision> decisions = new ArrayList<>(gate.decide(pairs, judge));
      decisions.addAll(gone);
      List<Profile> profiles = profiles(decisions, said);
      said.addAll(session.end(List.of()).notes());
      return new GateReport(
          GateReport.sentence(decisions),
          base,
          candidate,
          Judge.exitCode(decisions),
          log.pairs().size(),
          100 * (gate.limit() - 1),
          decisions,
          said,
          changes,
          environment(log.pairs()),
          profiles);
    }
  }

  private static List<String> environment(List<Pair> pairs) {
    List<String> lines = new ArrayList<>();
    for (Pair pair : pairs) {
      Environment before = pair.base().environment();
      Environment after = pair.candidate().environment();
      if (before != null && after != null) {
        lines.addAll(Environment.told(before, after));
        break;
      }
    }
    double[] busy = {busy(pairs, Pair::base), busy(pairs, Pair::candidate)};
    if (!Double.isNaN(busy[0] + busy[1])) {
      lines.add(
          Numbers.format(
              "Processors busy meanwhile, with what was measured: %.0f %% (base), %.0f %%"
                  + " (candidate)",
              100 * busy[0], 100 * busy[1]));
    }
    return lines;
  }

  private static double busy(List<Pair> pairs, Function<Pair, Turn> side) {
    return pairs.stream()
        .mapToDouble(pair -> side.apply(pair).busy())
        .filter(share -> !Double.isNaN(share))
        .average()
        .orElse(Double.NaN);
  }

  /** Of the benchmarks that became slower by most. */
  private List<Profile> profiles(List<Decision> decisions, List<String> notes)
      throws IOException, InterruptedException {
    List<Profile> profiles = new ArrayList<>();
    List<Decision> slower =
        decisions.stream()
            .filter(d -> d.verdict() == Verdict.REGRESSED && d.pairs() > 0)
            .sorted(Comparator.comparingDouble(Decision::ratio).reversed())
            .limit(MOST_PROFILES)
            .toList();
    for (Decision decision : slower) {
      System.out.printf("Looking where %s spends its time.%n", decision.name());
      Path before = Files.createTempFile("unroll-base", ".jfr");
      Path after = Files.createTempFile("unroll-candidate", ".jfr");
      try {
        sides.record(false, decision.name(), before);
        sides.record(true, decision.name(), after);
        profiles.add(Profile.of(decision.name(), before, after));
      } catch (IOException e) {
        notes.add(
            "the flight recorder gave nothing of %s: %s"
                .formatted(decision.name(), e.getMessage()));
      } finally {
        Files.deleteIfExists(before);
        Files.deleteIfExists(after);
      }
    }
    return profiles;
  }
}
