package dev.unroll.bench.gate;

import dev.unroll.bench.gate.Decision.Verdict;
import dev.unroll.bench.gate.Judge.Evidence;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;
import org.apache.commons.math3.stat.interval.ClopperPearsonInterval;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/**
 * How often the gate errs, from pairs of one build with itself. In each pair the candidate also
 * times every benchmark with slowdowns planted: after each call it wastes some percent of that
 * call's own time. Rounds take their first look from pairs of their own; the second look borrows
 * the next round's first.
 */
final class SelfTest {
  /** Percent. */
  static final int[] PLANTS = {0, 2, 3, 5, 10};

  private final List<Pair> pairs;
  private final List<? extends Benchmark> benchmarks;
  private final Clock clock;
  private final Judge judge;
  private final Map<String, Evidence> known = new HashMap<>();

  SelfTest(List<Pair> pairs, List<? extends Benchmark> benchmarks, Clock clock) {
    this.clock = clock;
    this.pairs = pairs;
    this.benchmarks = benchmarks;
    this.judge = new Judge(1 + GateCommand.CI_LIMIT / 100, new Accepted(""));
  }

  /**
   * How often something happened, with its 95 % Clopper-Pearson interval.
   *
   * @param count how often
   * @param of in how many
   */
  record Rate(int count, int of, double low, double high) {
    private static final double LEVEL = 0.95;

    static Rate of(int count, int of) {
      // Commons Math has no interval at the ends; there it is a power.
      double end = of == 0 ? 0 : Math.pow((1 - LEVEL) / 2, 1.0 / of);
      double low = count == 0 ? 0 : end;
      double high = count == of ? 1 : 1 - end;
      if (count > 0 && count < of) {
        ConfidenceInterval interval = new ClopperPearsonInterval().createInterval(of, count, LEVEL);
        low = interval.getLowerBound();
        high = interval.getUpperBound();
      }
      return new Rate(count, of, low, high);
    }

    double share() {
      return (double) count / of;
    }

    @Override
    public String toString() {
      return Numbers.format("%d of %d [%.1f, %.1f] %%", count, of, 100 * low, 100 * high);
    }
  }

  /**
   * What the gate said where a slowdown was planted in one benchmark.
   *
   * @param percent the planted slowdown
   * @param regressed found
   * @param passed within noise or improved
   * @param inconclusive neither
   * @param failsCi proven to exceed the limit of CI
   */
  record Level(int percent, Rate regressed, Rate passed, Rate inconclusive, Rate failsCi) {}

  /**
   * One form of the gate.
   *
   * @param name quick or full
   * @param firstLook pairs
   * @param secondLook pairs, the first among them
   * @param rounds how many gates were decided
   * @param levels by planted slowdown
   * @param wholeGates of the rounds without a plant: those in which any benchmark regressed
   */
  record Form(
      String name,
      int firstLook,
      int secondLook,
      int rounds,
      List<Level> levels,
      Rate wholeGates) {}

  /**
   * A benchmark's own figures, in the quick form.
   *
   * @param pairNoise standard deviation of one pair's log-ratio without a plant, in percent
   * @param regressed by planted percent: how many of the rounds found it
   */
  record Row(String name, double pairNoise, Map<Integer, Integer> regressed) {}

  /**
   * Everything.
   *
   * @param byProcessorTime the same forms on the same pairs, had they been timed by {@link
   *     Clock#CPU}; null where that was not counted
   */
  record Result(
      String sentence,
      int pairs,
      boolean underLoad,
      List<Form> forms,
      @Nullable List<Form> byProcessorTime,
      List<Row> benchmarks) {}

  /** What both clocks say of the same pairs. */
  static Result result(List<Pair> pairs, List<? extends Benchmark> benchmarks, boolean underLoad) {
    Result wall = new SelfTest(pairs, benchmarks, Clock.WALL).result(underLoad);
    boolean counted =
        pairs.stream()
            .flatMap(pair -> pair.base().measured().values().stream())
            .anyMatch(measured -> measured.cpu() != null);
    return counted
        ? new Result(
            wall.sentence(),
            wall.pairs(),
            underLoad,
            wall.forms(),
            new SelfTest(pairs, benchmarks, Clock.CPU).result(underLoad).forms(),
            wall.benchmarks())
        : wall;
  }

  Result result(boolean underLoad) {
    List<Form> forms = new ArrayList<>();
    Map<String, Map<Integer, Integer>> found = new HashMap<>();
    for (Looks looks : Looks.values()) {
      if (pairs.size() >= looks.second) {
        forms.add(form(looks, found));
      }
    }
    List<Row> rows =
        benchmarks.stream()
            .map(b -> new Row(b.name(), noise(b), found.getOrDefault(b.name(), Map.of())))
            .toList();
    return new Result(sentence(forms, pairs.size()), pairs.size(), underLoad, forms, null, rows);
  }

  private double noise(Benchmark benchmark) {
    double[] ratios =
        pairs.stream()
            .map(pair -> evidence(List.of(pair), benchmark, 0, "pair " + pairs.indexOf(pair)))
            .filter(e -> e.slowdown() != null)
            .mapToDouble(e -> 100 * Math.log(Objects.requireNonNull(e.slowdown()).ratio()))
            .toArray();
    return new StandardDeviation().evaluate(ratios);
  }

  private Form form(Looks looks, Map<String, Map<Integer, Integer>> found) {
    int rounds = pairs.size() / looks.first;
    Map<Integer, int[]> counts = new HashMap<>();
    int alarms = 0;
    for (int round = 0; round < rounds; round++) {
      boolean alarm = false;
      for (int plant : PLANTS) {
        int[] count = counts.computeIfAbsent(plant, key -> new int[5]);
        for (Benchmark benchmark : benchmarks) {
          String name = benchmark.name();
          Decision decision = decide(looks, round, name, plant);
          Verdict verdict = decision.verdict();
          count[0]++;
          if (verdict == Verdict.REGRESSED) {
            count[1]++;
            alarm |= plant == 0;
            if (looks == Looks.QUICK) {
              found.computeIfAbsent(name, key -> new HashMap<>()).merge(plant, 1, Integer::sum);
            }
          } else if (verdict == Verdict.INCONCLUSIVE) {
            count[3]++;
          } else {
            count[2]++;
          }
          count[4] += decision.fails() ? 1 : 0;
        }
      }
      alarms += alarm ? 1 : 0;
    }
    List<Level> levels =
        Arrays.stream(PLANTS)
            .mapToObj(
                plant -> {
                  int[] c = counts.getOrDefault(plant, new int[5]);
                  return new Level(
                      plant,
                      Rate.of(c[1], c[0]),
                      Rate.of(c[2], c[0]),
                      Rate.of(c[3], c[0]),
                      Rate.of(c[4], c[0]));
                })
            .toList();
    return new Form(
        looks.label(), looks.first, looks.second, rounds, levels, Rate.of(alarms, rounds));
  }

  /** What the gate says of one benchmark when it alone has the plant. */
  private Decision decide(Looks looks, int round, String planted, int plant) {
    int from = round * looks.first;
    List<Decision> decisions = look(from, looks.first, planted, plant);
    if (!Judge.settled(decisions)) {
      decisions = look(from, looks.second, planted, plant);
    }
    return decisions.stream().filter(d -> d.name().equals(planted)).findFirst().orElseThrow();
  }

  private List<Decision> look(int from, int count, String planted, int plant) {
    List<Pair> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(pairs.get((from + i) % pairs.size()));
    }
    String label = from + "+" + count;
    return judge.decide(
        benchmarks.stream()
            .map(b -> evidence(some, b, b.name().equals(planted) ? plant : 0, label))
            .toList());
  }

  private Evidence evidence(List<Pair> some, Benchmark benchmark, int plant, String label) {
    return known.computeIfAbsent(
        label + " " + benchmark.name() + " " + plant,
        key -> Judge.evidence(some, benchmark, plant, clock));
  }

  private static String sentence(List<Form> forms, int pairs) {
    if (forms.isEmpty()) {
      return "Not enough pairs yet: %d of the %d of a single gate; given again, the command goes on."
          .formatted(pairs, Looks.QUICK.second);
    }
    Form form = forms.getFirst();
    StringBuilder text =
        new StringBuilder(
            "The %s gate raised a false alarm in %s decisions"
                .formatted(form.name(), form.levels().getFirst().regressed()));
    for (Level level : form.levels().subList(1, form.levels().size())) {
      text.append(" and found +%d %% in %s".formatted(level.percent(), level.regressed()));
    }
    return text.append('.').toString();
  }

  /** Writes {@code self-test.json}, {@code report.md} and the chart. */
  static void write(RunFolder folder, Result result, Sides sides, Run run) throws IOException {
    folder.writeJson(Runs.SELF_TEST, result);
    StringBuilder text = new StringBuilder("# The gate's own test\n\n**");
    text.append(result.sentence()).append("**\n\n");
    text.append(
        """
        Both sides are one build. In each pair the candidate times every benchmark as it is and with slowdowns planted: %s. A decision is the gate's verdict on one benchmark that has the plant, while all others have none; so the correction for many benchmarks is at its strictest. Rates have 95 %% Clopper-Pearson intervals, which take decisions for independent. They are not quite: those of one round share its processes, all plants share the pairs, and a round's second look borrows the pairs of the next round's first.

        %d independent pairs%s; %s.
        """
            .formatted(
                sides.planting(),
                result.pairs(),
                result.underLoad() ? ", while another process kept one core busy" : "",
                sides.pinning()));
    XYChart chart =
        Charts.xy(
            "Found, by planted slowdown",
            "planted slowdown, percent",
            "regressed, percent of decisions");
    for (Form form : result.forms()) {
      section(text, form, "");
      Ink ink = Ink.of(chart.getSeriesCollection().isEmpty() ? 0 : 1);
      double[] planted = form.levels().stream().mapToDouble(Level::percent).toArray();
      Charts.points(chart, form.name(), ink, planted, percent(form, Rate::share));
      Charts.intervals(
          chart, form.name(), ink, planted, percent(form, Rate::low), percent(form, Rate::high));
    }
    if (!chart.getSeriesCollection().isEmpty()) {
      Charts.write(folder.path(), new Chart("detection", "Found, by planted slowdown", chart));
      text.append("\n![Found, by planted slowdown](detection.png)\n");
    }
    List<Form> byProcessorTime = result.byProcessorTime();
    if (byProcessorTime != null) {
      byProcessorTime.forEach(form -> section(text, form, ", by processor time"));
    }
    if (!result.forms().isEmpty()) {
      text.append(
          """

          ## Benchmarks, quick gate

          The noise is the standard deviation of one pair's log-ratio without a plant; the other columns count the rounds that found the plant.

          | benchmark | noise of a pair, % | none | +2 % | +3 % | +5 % | +10 % |
          |---|--:|--:|--:|--:|--:|--:|
          """);
      for (Row row : result.benchmarks()) {
        text.append(Numbers.format("| %s | %.2f |", row.name(), row.pairNoise()));
        for (int plant : PLANTS) {
          text.append(" %d |".formatted(row.regressed().getOrDefault(plant, 0)));
        }
        text.append('\n');
      }
    }
    RunReport.write(folder, text + "\n" + GateReport.foot(run));
  }

  private static void section(StringBuilder text, Form form, String how) {
    text.append(
        """

        ## %s gate%s: %d pairs, %d in a second look

        %d rounds. Gates without a plant in which any benchmark regressed: %s.

        | planted | regressed | passed | inconclusive | fails CI (proven over %.0f %%) |
        |--:|---|---|---|---|
        """
            .formatted(
                form.name().substring(0, 1).toUpperCase(Locale.ROOT) + form.name().substring(1),
                how,
                form.firstLook(),
                form.secondLook(),
                form.rounds(),
                form.wholeGates(),
                GateCommand.CI_LIMIT));
    for (Level level : form.levels()) {
      text.append(
          "| %s | %s | %s | %s | %s |\n"
              .formatted(
                  level.percent() == 0 ? "none" : "+" + level.percent() + " %",
                  level.regressed(),
                  level.passed(),
                  level.inconclusive(),
                  level.failsCi()));
    }
  }

  private static double[] percent(Form form, ToDoubleFunction<Rate> value) {
    return form.levels().stream()
        .mapToDouble(level -> 100 * value.applyAsDouble(level.regressed()))
        .toArray();
  }
}
