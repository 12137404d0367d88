package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.gate.Decision.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.random.Well19937c;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
  private static final Judge STRICT = new Judge(1.01, new Accepted(""));
  private static final Judge CI = new Judge(1.05, new Accepted(""));

  @ParameterizedTest
  @CsvSource({
    "1.00, WITHIN_NOISE, 0, 0",
    "1.03, REGRESSED,    1, 0",
    "1.05, REGRESSED,    1, 0",
    "1.10, REGRESSED,    1, 1",
    "0.90, IMPROVED,     0, 0"
  })
  void findsWhatIsPlanted(double ratio, Verdict verdict, int exitCode, int ciExitCode) {
    for (long seed = 1; seed <= 10; seed++) {
      List<Judge.Evidence> evidence = family(Synthetic.pairs(6, seed, "x", ratio), "x");
      List<Decision> decisions = STRICT.decide(evidence);
      assertThat(decisions.getFirst().verdict()).isEqualTo(verdict);
      assertThat(Judge.exitCode(decisions)).isEqualTo(exitCode);
      assertThat(Judge.exitCode(CI.decide(evidence))).isEqualTo(ciExitCode);
      assertThat(Judge.settled(decisions)).isEqualTo(verdict != Verdict.REGRESSED);
    }
  }

  @Test
  void unchangedCodePasses() {
    int alarms = 0;
    for (long seed = 1; seed <= 200; seed++) {
      Decision decision = STRICT.decide(family(Synthetic.pairs(6, seed, "x", 1), "x")).getFirst();
      alarms += decision.verdict() == Verdict.REGRESSED ? 1 : 0;
    }
    assertThat(alarms).isLessThanOrEqualTo(2);
  }

  @Test
  void findsOneSlowBenchmarkAmongMany() {
    List<List<Pair>> all = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      names.add("b" + i);
      all.add(Synthetic.pairs(6, 40 + i, "b" + i, i == 7 ? 1.05 : 1));
    }
    List<Decision> decisions =
        STRICT.decide(family(Synthetic.merge(all), names.toArray(String[]::new)));
    assertThat(decisions.stream().filter(d -> d.verdict() == Verdict.REGRESSED))
        .extracting(Decision::name)
        .containsExactly("b7");
    assertThat(GateReport.sentence(decisions)).startsWith("Regression: b7 +5");
  }

  @Test
  void fewPairsAreInconclusive() {
    List<Decision> decisions = STRICT.decide(family(Synthetic.pairs(4, 1, "x", 1.5), "x"));
    assertThat(decisions.getFirst().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(decisions.getFirst().note()).contains("at least 5 pairs");
    assertThat(Judge.exitCode(decisions)).isEqualTo(2);
  }

  @Test
  void noisyPairsAreInconclusive() {
    List<Pair> pairs = new ArrayList<>();
    Well19937c random = new Well19937c(3);
    for (int i = 0; i < 6; i++) {
      pairs.addAll(Synthetic.pairs(1, i, "x", Math.exp(0.2 * random.nextGaussian())));
    }
    List<Decision> decisions = STRICT.decide(family(pairs, "x"));
    assertThat(decisions.getFirst().verdict()).isEqualTo(Verdict.INCONCLUSIVE);
  }

  @Test
  void anyChangeOfAllocationFailsWithoutStatistics() {
    List<Decision> more = CI.decide(family(allocating(0, 24, 1), "x"));
    assertThat(more.getFirst().verdict()).isEqualTo(Verdict.REALLOCATED);
    assertThat(more.getFirst().note()).contains("allocates 24 bytes instead of 0");
    assertThat(Judge.exitCode(more)).isEqualTo(1);

    List<Decision> fewer = CI.decide(family(allocating(24, 0, 1), "x"));
    assertThat(fewer.getFirst().verdict()).isEqualTo(Verdict.REALLOCATED);
    assertThat(fewer.getFirst().note()).contains("\"Accept-allocation: x -24\"");
    assertThat(Judge.exitCode(fewer)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 24, 24, 0", "0, 24, 23, 1", "24, 0, -24, 0", "24, 0, 24, 1"})
  void aChangeOfAllocationThatIsMeantIsAccepted(long base, long candidate, int told, int code) {
    Judge judge = new Judge(1.05, new Accepted("Subject\n\nAccept-allocation: x " + told + "\n"));
    assertThat(Judge.exitCode(judge.decide(family(allocating(base, candidate, 6), "x"))))
        .isEqualTo(code);
  }

  @Test
  void aBenchmarkOfOneSideOnlyDoesNotPass() {
    List<Pair> healthy = Synthetic.pairs(6, 1, "x", 1);
    Turn broken = new Turn(Map.of(), Map.of("x", "NoSuchMethodError: f"));
    List<Decision> onBase =
        CI.decide(
            family(healthy.stream().map(p -> new Pair(true, broken, p.candidate())).toList(), "x"));
    assertThat(onBase.getFirst().verdict()).isEqualTo(Verdict.NOT_COMPARED);
    assertThat(onBase.getFirst().note()).contains("does not run on the base", "NoSuchMethodError");
    assertThat(Judge.exitCode(onBase)).isEqualTo(2);

    List<Decision> onCandidate =
        CI.decide(
            family(healthy.stream().map(p -> new Pair(true, p.base(), broken)).toList(), "x"));
    assertThat(onCandidate.getFirst().verdict()).isEqualTo(Verdict.REGRESSED);
    assertThat(Judge.exitCode(onCandidate)).isEqualTo(1);
  }

  @Test
  void aRenamedBenchmarkDoesNotPass() {
    List<Gated> before = Gated.parse("old gemm 1 1 1\nboth gemm 1 1 1");
    List<Gated> after = Gated.parse("new gemm 1 1 1\nboth gemm 1 1 1");
    List<Decision> gone = STRICT.gone(before, after);
    assertThat(gone).extracting(Decision::name).containsExactly("old");
    assertThat(gone.getFirst().verdict()).isEqualTo(Verdict.NOT_COMPARED);
    assertThat(Judge.exitCode(gone)).isEqualTo(2);
    assertThat(STRICT.gone(null, after)).isEmpty();

    Judge told = new Judge(1.01, new Accepted("Rename it\n\nAccept-missing: old\n"));
    assertThat(Judge.exitCode(told.gone(before, after))).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "Accept-slowdown: x 12 %, ACCEPTED",
    "Accept-slowdown: x 12,   ACCEPTED",
    "Accept-slowdown: x 7,    REGRESSED",
    "Accept-slowdown: y 12,   REGRESSED"
  })
  void aSlowdownThatIsMeantIsAccepted(String line, Verdict verdict) {
    Judge judge = new Judge(1.01, new Accepted("Subject\n\nWhy.\n\n" + line + "\n"));
    List<Decision> decisions = judge.decide(family(Synthetic.pairs(6, 2, "x", 1.1), "x"));
    assertThat(decisions.getFirst().verdict()).isEqualTo(verdict);
    assertThat(Judge.exitCode(decisions)).isEqualTo(verdict == Verdict.ACCEPTED ? 0 : 1);
  }

  private static List<Pair> allocating(long base, long candidate, int count) {
    Well19937c random = new Well19937c(1);
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(
          new Pair(
              false,
              Synthetic.turn("x", 100_000, base, random),
              Synthetic.turn("x", 100_000, candidate, random)));
    }
    return pairs;
  }

  private static List<Judge.Evidence> family(List<Pair> pairs, String... names) {
    List<Judge.Evidence> family = new ArrayList<>();
    for (String name : names) {
      family.add(Judge.evidence(pairs, new Gated(name, List.of("gemm")), 0, Clock.WALL));
    }
    return family;
  }
}
