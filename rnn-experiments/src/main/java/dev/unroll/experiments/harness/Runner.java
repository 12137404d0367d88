package dev.unroll.experiments.harness;

import dev.unroll.experiments.report.Report;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs the trials of an experiment that are not finished yet, and concludes when all are. */
public final class Runner {
  private final Options options;
  private final PrintStream out;

  /**
   * What the user chose.
   *
   * @param quick the small setting
   * @param seeds the seeds, or null for the experiment's own number of them
   * @param overrides settings by name
   * @param threads trials at a time
   * @param root the folder under which each run has its own
   * @param force whether a finished run is run again
   */
  public record Options(
      boolean quick,
      @Nullable List<Long> seeds,
      Map<String, String> overrides,
      int threads,
      Path root,
      boolean force) {}

  /** A runner that reports to {@code out}. */
  public Runner(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Runs the experiment, or says that it is finished already.
   *
   * @return the run's folder
   * @throws InputException when the settings cannot be used
   */
  public <C extends Record> Path run(Experiment<C> experiment) throws IOException {
    C base = options.quick() ? experiment.quick() : experiment.defaults();
    C config = Configs.override(experiment.name(), base, options.overrides());
    int usual =
        options.quick() ? Math.min(2, experiment.defaultSeeds()) : experiment.defaultSeeds();
    List<Long> usualSeeds = LongStream.rangeClosed(1, usual).boxed().toList();
    List<Long> seeds = options.seeds() == null ? usualSeeds : options.seeds();

    ObjectNode identity = Json.COMPACT.createObjectNode();
    identity.put("experiment", experiment.name());
    identity.put("quick", options.quick());
    identity.set("seeds", Json.COMPACT.valueToTree(seeds));
    identity.set("config", Configs.json(config));
    String inputs = experiment.fingerprint(config);
    if (!inputs.isEmpty()) {
      identity.put("inputs", inputs);
    }

    Path folder =
        options
            .root()
            .resolve(
                folder(experiment, Configs.json(base), Configs.json(config), usualSeeds, seeds));
    Charts.requireFonts();
    try (ResultStore store = ResultStore.open(folder, identity, options.force())) {
      if (store.finished()) {
        out.printf(
            "%s is finished already, nothing to do: %s (--force runs it again)%n",
            experiment.name(), folder);
        return folder;
      }
      List<Trial> trials = new ArrayList<>();
      seeds.forEach(seed -> trials.addAll(experiment.trials(config, seed)));
      runTrials(experiment, config, seeds, trials, store);
      conclude(
          experiment,
          config,
          command(experiment, Configs.json(base), Configs.json(config), usualSeeds, seeds),
          experiment.bandsHold(config),
          seeds,
          store,
          store.sort(trials));
    }
    return folder;
  }

  /** One folder for each configuration: its name tells what differs from the usual run. */
  private String folder(
      Experiment<?> experiment,
      ObjectNode base,
      ObjectNode config,
      List<Long> usualSeeds,
      List<Long> seeds) {
    StringBuilder name = new StringBuilder(experiment.name());
    if (options.quick()) {
      name.append("-quick");
    }
    if (!seeds.equals(usualSeeds)) {
      boolean counted = seeds.equals(LongStream.rangeClosed(1, seeds.size()).boxed().toList());
      name.append("-seeds").append(counted ? "" : "-");
      name.append(
          counted
              ? String.valueOf(seeds.size())
              : seeds.stream().map(String::valueOf).collect(Collectors.joining("-")));
    }
    for (Map.Entry<String, JsonNode> setting : config.properties()) {
      if (!setting.getValue().equals(base.get(setting.getKey()))) {
        String value =
            setting.getValue().toString().replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^-|-$", "");
        name.append('-').append(setting.getKey()).append('=').append(value);
      }
    }
    String full = name.toString().replaceAll("-+$", "");
    return full.length() <= 100
        ? full
        : full.substring(0, 91) + "-" + Integer.toHexString(config.toString().hashCode());
  }

  /** The arguments that run the same again. */
  private String command(
      Experiment<?> experiment,
      ObjectNode base,
      ObjectNode config,
      List<Long> usualSeeds,
      List<Long> seeds) {
    StringBuilder command = new StringBuilder("run ").append(experiment.name());
    if (options.quick()) {
      command.append(" --quick");
    }
    if (!seeds.equals(usualSeeds)) {
      command
          .append(" --seed-list ")
          .append(seeds.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    for (Map.Entry<String, JsonNode> setting : config.properties()) {
      if (!setting.getValue().equals(base.get(setting.getKey()))) {
        String value = setting.getValue().toString().replaceAll("[\\[\\]\"]", "");
        command.append(' ').append(setting.getKey()).append('=').append(value);
      }
    }
    return command.toString();
  }

  private <C extends Record> void runTrials(
      Experiment<C> experiment, C config, List<Long> seeds, List<Trial> trials, ResultStore store)
      throws IOException {
    Set<String> finished =
        store.records().stream()
            .map(record -> record.trial().toString())
            .collect(Collectors.toCollection(HashSet::new));
    List<Trial> left =
        trials.stream().filter(trial -> !finished.contains(trial.key().toString())).toList();
    if (!finished.isEmpty()) {
      out.printf(
          "%s continues where it stopped: %d of %d trials are finished.%n",
          experiment.name(), trials.size() - left.size(), trials.size());
    }
    int threads = experiment.parallel() ? Math.min(options.threads(), trials.size()) : 1;
    double total = trials.stream().mapToDouble(Trial::work).sum();
    double before = total - left.stream().mapToDouble(Trial::work).sum();
    Sessions.Recorder recorder =
        new Sessions.Recorder(store.directory(), seeds, Lanes.BITS, threads);
    ExecutorService workers = Executors.newFixedThreadPool(Math.max(1, threads));
    try (Progress progress =
        new Progress(
            out,
            experiment.name(),
            "trials",
            trials.size(),
            trials.size() - left.size(),
            total,
            before)) {
      List<Future<?>> running = new ArrayList<>();
      for (Trial trial : left) {
        running.add(
            workers.submit(
                () -> {
                  runTrial(experiment, config, trial, store, recorder, progress);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        await(one);
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static void await(Future<?> running) throws IOException {
    try {
      running.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InputException("Interrupted: run the same command again to continue.");
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case RuntimeException problem -> throw problem;
        case Error problem -> throw problem;
        case IOException problem -> throw problem;
        case null, default -> throw new IllegalStateException(failed);
      }
    }
  }

  private static <C extends Record> void runTrial(
      Experiment<C> experiment,
      C config,
      Trial trial,
      ResultStore store,
      Sessions.Recorder recorder,
      Progress progress)
      throws IOException {
    double[] told = new double[1];
    TrialContext context =
        new TrialContext(
            trial,
            store.directory(),
            (fraction, message) -> {
              if (fraction - told[0] >= .01) {
                progress.advance((fraction - told[0]) * trial.work(), message);
                told[0] = fraction;
              }
            });
    TrialRecord record;
    String outcome;
    try {
      ObjectNode figures = experiment.run(config, trial, context);
      record = new TrialRecord(trial.key(), figures, null);
      outcome = trial.label() + headline(figures);
    } catch (TrialStopped stopped) {
      record = new TrialRecord(trial.key(), null, stopped.failure());
      outcome = trial.label() + " stopped: " + stopped.getMessage();
    } catch (UncheckedIOException problem) {
      throw problem.getCause();
    }
    store.append(record);
    recorder.finished(trial.label(), context.timings());
    progress.finished((1 - told[0]) * trial.work(), outcome);
  }

  private static String headline(ObjectNode figures) {
    return figures.properties().stream()
        .filter(figure -> figure.getValue().isNumber())
        .findFirst()
        .map(figure -> ": " + figure.getKey() + " " + figure.getValue())
        .orElse("");
  }

  private <C extends Record> void conclude(
      Experiment<C> experiment,
      C config,
      String command,
      boolean usual,
      List<Long> seeds,
      ResultStore store,
      List<TrialRecord> records)
      throws IOException {
    List<TrialRecord> succeeded = records.stream().filter(TrialRecord::succeeded).toList();
    List<String> failures = new ArrayList<>();
    for (TrialRecord record : records) {
      TrialRecord.Failure failure = record.failure();
      if (failure != null) {
        failures.add(
            "%s stopped at step %d with gradient norm %s: %s"
                .formatted(
                    record.trial(), failure.step(), failure.gradientNorm(), failure.cause()));
      }
    }
    if (succeeded.isEmpty()) {
      throw new InputException(
          experiment.name() + " has no trial that came to its end: " + failures.getFirst());
    }
    Experiment.Conclusion conclusion =
        experiment.conclude(new Experiment.Outcome<>(config, seeds, succeeded));
    String unjudged =
        options.quick()
            ? "The quick setting is too small for the bands: it only shows that everything works."
            : usual ? null : "The bands hold for the usual settings, not for these.";
    Result result =
        new Result(
            experiment.name(),
            command,
            options.quick(),
            seeds,
            Configs.json(config),
            conclusion.story(),
            unjudged == null
                ? conclusion.figures()
                : conclusion.figures().stream().map(Figure::unjudged).toList(),
            conclusion.checks(),
            conclusion.tables(),
            conclusion.charts().stream()
                .map(chart -> new Result.ChartFile(chart.file(), chart.caption()))
                .toList(),
            failures,
            options.quick()
                ? conclusion.claims().stream().map(Result.Claim::unjudged).toList()
                : conclusion.claims(),
            conclusion.claims().isEmpty() || options.quick()
                ? Result.Verdict.of(conclusion.figures(), conclusion.checks(), unjudged)
                : Result.Verdict.of(conclusion.claims()));
    for (Chart chart : conclusion.charts()) {
      Charts.write(store.directory(), chart);
    }
    store.finish(result);
    Report.writeRun(store.directory());
    out.printf(
        "%s: %s %s%n", experiment.name(), result.verdict().status(), result.verdict().sentence());
    out.printf("%s: %s%n", experiment.name(), store.directory().resolve("report.md"));
  }
}
