package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Check;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One question, asked of real networks, as data: its settings, the axes of its trials, one trial,
 * what is measured, and what is shown and judged of it. {@code experiment/NAME.md} among the
 * resources tells it in words ({@link Telling}); everything else is the harness's.
 *
 * <p>The methods that return {@code this} define it, once, before it is handed to anyone.
 */
public final class Experiment {
  /** One trial: what it measures depends on nothing but the context's settings, trial and seed. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs the trial.
     *
     * @throws TrialStopped when a loss or a gradient is not finite any more
     */
    Measured run(TrialContext context);
  }

  /** Some of the trials: those of a product of axes, which all have {@code fixed} in common. */
  private static final class Part {
    private final Map<String, Object> fixed;
    private final List<Axis> axes = new ArrayList<>();
    private boolean alone;

    private Part(Map<String, Object> fixed) {
      this.fixed = fixed;
    }
  }

  private record Derived(Measure measure, Function<Outcome, List<Figure>> figures) {}

  private final String name;
  private final Body body;
  private final List<Part> parts = new ArrayList<>();
  private final List<Measure> measures = new ArrayList<>();
  private final List<Derived> derived = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<Plot> plots = new ArrayList<>();
  private final List<Function<Outcome, List<Check>>> checks = new ArrayList<>();
  private final Map<String, Function<Outcome, Object>> words = new LinkedHashMap<>();
  private Settings settings = new Settings();
  private UnaryOperator<Settings> quick = full -> full;
  private int seeds = 20;
  private long firstSeed = 1;
  private @Nullable Tuning tuning;
  private ToDoubleBiFunction<Settings, Trial> work = (all, trial) -> 1;
  private Function<Settings, String> fingerprint = all -> "";
  private Predicate<Settings> bandsHold = all -> all.equals(settings);

  private Experiment(String name, Body body) {
    this.name = name;
    this.body = body;
  }

  /** An experiment of that name whose trials run {@code body}. */
  public static Experiment of(String name, Body body) {
    return new Experiment(name, body);
  }

  /** Takes these settings in its full form. */
  public Experiment settings(Settings full) {
    settings = full;
    return this;
  }

  /** Changes them so that a run takes seconds, not minutes. */
  public Experiment quick(UnaryOperator<Settings> small) {
    quick = small;
    return this;
  }

  /** Takes that many seeds unless told; 20 otherwise, for trials of under ten seconds. */
  public Experiment seeds(int usual) {
    return seeds(usual, 1);
  }

  /** Takes that many seeds from {@code first} on unless told. */
  public Experiment seeds(int usual, long first) {
    seeds = usual;
    firstSeed = first;
    return this;
  }

  /** Chooses a setting on other seeds before it tests. */
  public Experiment tuned(Tuning newTuning) {
    tuning = newTuning;
    return this;
  }

  /** Begins a further set of trials, which have {@code key} = {@code value} in common. */
  public Experiment part(String key, Object value) {
    parts.add(new Part(Map.of(key, value)));
    return this;
  }

  /** Has a trial for each value on this axis, combined with those of the axes before it. */
  public Experiment over(Axis axis) {
    part().axes.add(axis);
    return this;
  }

  /**
   * Has trials in this set that measure time, and so run after the others and one by one: nothing
   * may run beside them.
   */
  public Experiment oneAtATime() {
    part().alone = true;
    return this;
  }

  private Part part() {
    if (parts.isEmpty()) {
      parts.add(new Part(Map.of()));
    }
    return parts.getLast();
  }

  /** Says how long a trial takes compared with the others, in any unit. */
  public Experiment work(ToDoubleBiFunction<Settings, Trial> newWork) {
    work = newWork;
    return this;
  }

  /**
   * Names the files that the experiment reads, such as by their checksum, and checks them before
   * anything runs: a run is only resumed with the same files.
   */
  public Experiment reads(Function<Settings, String> newFingerprint) {
    fingerprint = newFingerprint;
    return this;
  }

  /** Has bands that hold where {@code holds} does; otherwise they hold for the full form only. */
  public Experiment bandsHold(Predicate<Settings> holds) {
    bandsHold = holds;
    return this;
  }

  /** Measures this. */
  public Experiment measure(Measure measure) {
    measures.add(measure);
    return this;
  }

  /**
   * Has figures that are computed from all that was measured; they lie on the axes that all of
   * their places name.
   */
  public Experiment derive(Measure measure, Function<Outcome, List<Figure>> figures) {
    derived.add(new Derived(measure, figures));
    return this;
  }

  /**
   * Makes figures of values of many networks, in which each counts alone, and beside them others in
   * which each seed counts once.
   */
  public Experiment pool(Measure measure, Function<Outcome, List<Measure.Pool>> pools) {
    Measure bySeed = measure.bySeed();
    return derive(measure, all -> pools.apply(all).stream().map(measure::pooled).toList())
        .derive(
            bySeed,
            all ->
                pools.apply(all).stream().flatMap(one -> bySeed.meanBySeed(one).stream()).toList());
  }

  /** Shows this table. */
  public Experiment table(Table table) {
    tables.add(table);
    return this;
  }

  /** Draws this chart. */
  public Experiment plot(Plot plot) {
    plots.add(plot);
    return this;
  }

  /** Puts a statement to the test. */
  public Experiment check(
      String statement, Predicate<Outcome> holds, Function<Outcome, String> measured) {
    return checks(
        outcome -> List.of(new Check(statement, holds.test(outcome), measured.apply(outcome))));
  }

  /** Puts statements to the test that depend on the settings. */
  public Experiment checks(Function<Outcome, List<Check>> some) {
    checks.add(some);
    return this;
  }

  /**
   * Has figures of what some trials have more than others, seed by seed, so that a seed's luck
   * cancels; their place names {@code key} and, under {@code less}, the others. The intervals are a
   * bootstrap's: most of these numbers pile up at an end of their range.
   *
   * @param key what tells the two sets of trials apart, such as {@code variant}
   * @param value a number of all trials of one seed
   */
  public Experiment compare(
      Measure measure, String key, ToDoubleFunction<Outcome> value, Contest.Match... matches) {
    return derive(
        measure,
        outcome ->
            Arrays.stream(matches)
                .flatMap(
                    match -> difference(measure, outcome, key, value, match, Map.of()).stream())
                .toList());
  }

  /** As {@link #compare}, at each value of an axis, which the figures' places name as well. */
  public Experiment compareEach(
      Axis each,
      Measure measure,
      String key,
      ToDoubleFunction<Outcome> value,
      Contest.Match match) {
    return derive(
        measure,
        outcome ->
            each.values().apply(outcome.settings()).stream()
                .flatMap(
                    at -> {
                      Outcome here = outcome.where(each.key(), at);
                      Map<String, Object> place = Map.of(each.name(), at);
                      return difference(measure, here, key, value, match, place).stream();
                    })
                .toList());
  }

  private static Optional<Figure> difference(
      Measure measure,
      Outcome outcome,
      String key,
      ToDoubleFunction<Outcome> value,
      Contest.Match match,
      Map<String, Object> place) {
    Map<String, Object> where = new LinkedHashMap<>(place);
    where.put(key, match.better());
    where.put("less", match.baseline());
    return measure.difference(
        outcome.where(key, match.better()), outcome.where(key, match.baseline()), value, where);
  }

  /**
   * Has a figure at each combination of the values of these axes of what all trials of one seed
   * have there together, such as the longest sequence that was learned.
   *
   * @param value a number of all trials of one seed
   */
  public Experiment perSeed(Measure measure, ToDoubleFunction<Outcome> value, Axis... axes) {
    return derive(
        measure,
        outcome -> {
          Map<Map<String, Object>, Outcome> places = new LinkedHashMap<>();
          places.put(Map.of(), outcome);
          for (Axis axis : axes) {
            Map<Map<String, Object>, Outcome> finer = new LinkedHashMap<>();
            places.forEach(
                (place, here) -> {
                  for (Object at : axis.values().apply(outcome.settings())) {
                    Map<String, Object> within = new LinkedHashMap<>(place);
                    within.put(axis.name(), at);
                    finer.put(within, here.where(axis.key(), at));
                  }
                });
            places = finer;
          }
          return places.entrySet().stream()
              .map(one -> measure.figure(one.getKey(), one.getValue().bySeed(value)))
              .toList();
        });
  }

  /** Lends its text another name for something measured. */
  public Experiment tell(String word, Function<Outcome, Object> value) {
    words.put(word, value);
    return this;
  }

  /** The name it is run by. */
  public String name() {
    return name;
  }

  /** The question in one line. */
  public String question() {
    return Telling.of(name).question();
  }

  /** The settings of the full form, or of the quick one. */
  public Settings settings(boolean small) {
    return small ? quick.apply(settings) : settings;
  }

  /** The seeds it takes unless told. */
  public List<Long> seeds(boolean small) {
    return LongStream.range(firstSeed, firstSeed + (small ? Math.min(2, seeds) : seeds))
        .boxed()
        .toList();
  }

  /** The trials that choose a setting, which come before all others; none where none is chosen. */
  public List<Trial> tuningTrials(Settings all) {
    return tuning == null ? List.of() : weighed(all, tuning.trials(all));
  }

  /** What trials before this one have chosen for it; null where nothing is chosen. */
  public @Nullable Double chosen(Settings all, Trial trial, List<TrialRecord> before) {
    return tuning == null ? null : tuning.chosen(all, trial, before);
  }

  /** The settings of a trial, for which trials before it have chosen this, or nothing. */
  public Settings settings(Settings all, @Nullable Double chosen) {
    return tuning == null || chosen == null ? all : all.with(tuning.setting(), chosen);
  }

  /** What was tried for the setting that is chosen. */
  Stream<Result.Table> tuningTable(Settings all, List<TrialRecord> records) {
    return tuning == null ? Stream.empty() : tuning.table(all, records);
  }

  /** Whether nothing may run beside this trial, as it measures time. */
  public boolean alone(Trial trial) {
    // The last of the sets that it is in: one without anything in common would hold all.
    return parts.reversed().stream()
        .filter(part -> trial.variant().entrySet().containsAll(part.fixed.entrySet()))
        .findFirst()
        .map(part -> part.alone)
        .orElse(false);
  }

  /** What tells the files that it reads from others; empty where it reads none. */
  public String fingerprint(Settings all) {
    return fingerprint.apply(all);
  }

  boolean hasBands(Settings all) {
    return bandsHold.test(all);
  }

  /** The trials for one seed, in the order they are reported. */
  public List<Trial> trials(Settings all, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (Part part : parts) {
      List<Trial> product = List.of(Trial.of(seed));
      for (Map.Entry<String, Object> fixed : part.fixed.entrySet()) {
        product = cross(product, fixed.getKey(), List.of(fixed.getValue()));
      }
      for (Axis axis : part.axes) {
        product = cross(product, axis.key(), axis.values().apply(all));
      }
      trials.addAll(product);
    }
    if (parts.isEmpty()) {
      trials.add(Trial.of(seed));
    }
    return weighed(all, trials);
  }

  private List<Trial> weighed(Settings all, List<Trial> trials) {
    return trials.stream().map(trial -> trial.withWork(work.applyAsDouble(all, trial))).toList();
  }

  static List<Trial> cross(List<Trial> trials, String key, List<?> values) {
    return trials.stream()
        .flatMap(trial -> values.stream().map(value -> trial.with(key, value)))
        .toList();
  }

  /** Runs the trial that {@code context} names. */
  public Measured run(TrialContext context) {
    return body.run(context);
  }

  /** Every axis by its name in figures. */
  Map<String, Axis> axes() {
    Map<String, Axis> axes = new LinkedHashMap<>();
    parts.forEach(part -> part.axes.forEach(axis -> axes.put(axis.name(), axis)));
    for (Measure measure : measures) {
      measure.along.forEach(axis -> axes.put(axis.name(), axis));
    }
    return axes;
  }

  /** What it measures, and what it derives from that. */
  List<String> measureNames() {
    return Stream.concat(
            measures.stream().map(one -> one.name), derived.stream().map(one -> one.measure().name))
        .toList();
  }

  private List<Axis> axes(Measure measure) {
    return parts.stream()
        .filter(
            part ->
                measure.only == null
                    || measure.only.getValue().equals(part.fixed.get(measure.only.getKey()))
                    || part.axes.stream().anyMatch(a -> a.key().equals(measure.only.getKey())))
        .findFirst()
        .map(part -> part.axes)
        .orElse(List.of());
  }

  /**
   * What the trials say: every measure over its axes, and then what is derived from them.
   *
   * @param judge gives a figure its band
   */
  Outcome outcome(
      Settings all, List<Long> usedSeeds, List<TrialRecord> records, UnaryOperator<Figure> judge) {
    Map<String, Axis> axes = axes();
    Map<String, Grid> grids = new LinkedHashMap<>();
    Tuning chosen = tuning;
    List<TrialRecord> tested =
        records.stream().filter(record -> chosen == null || !chosen.owns(record)).toList();
    Outcome outcome = new Outcome(all, usedSeeds, tested, axes, grids);
    for (Measure measure : measures) {
      grids.put(measure.name, Grid.of(measure, axes(measure), outcome).map(judge));
    }
    for (Derived one : derived) {
      List<Grid.Cell> cells =
          one.figures().apply(outcome).stream()
              .map(judge)
              .map(figure -> new Grid.Cell(figure.where(), figure, new double[0]))
              .toList();
      List<Axis> named =
          axes.values().stream()
              .filter(
                  axis -> cells.stream().allMatch(cell -> cell.place().containsKey(axis.name())))
              .toList();
      grids.put(one.measure().name, new Grid(one.measure(), named, cells));
    }
    return outcome;
  }

  List<Table> tables() {
    return tables;
  }

  List<Plot> plots() {
    return plots;
  }

  List<Check> checks(Outcome outcome) {
    return checks.stream().flatMap(some -> some.apply(outcome).stream()).toList();
  }

  Map<String, Function<Outcome, Object>> words() {
    return words;
  }
}
