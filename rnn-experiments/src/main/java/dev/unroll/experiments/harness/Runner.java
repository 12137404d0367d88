package dev.unroll.experiments.harness;

import dev.unroll.experiments.claim.Claims;
import dev.unroll.experiments.report.Report;
import dev.unroll.experiments.result.Digest;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
   * @param backend where the trials run
   * @param root the folder under which each run has its own
   * @param force whether a finished run is run again
   */
  public record Options(
      boolean quick,
      @Nullable List<Long> seeds,
      Map<String, String> overrides,
      Backend backend,
      Path root,
      boolean force) {}

  /** A runner that reports to {@code out}. */
  public Runner(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /** One run: what is asked, under which settings, with which seeds. */
  record Run(
      Experiment experiment,
      boolean quick,
      Settings settings,
      List<Long> seeds,
      boolean usualSeeds) {
    static Run of(Experiment experiment, Options options) {
      Settings settings =
          experiment.settings(options.quick()).override(experiment.name(), options.overrides());
      List<Long> usual = experiment.seeds(options.quick());
      List<Long> seeds = options.seeds() == null ? usual : options.seeds();
      return new Run(experiment, options.quick(), settings, seeds, seeds.equals(usual));
    }

    /** What config.json holds: a run is resumed only with the same. */
    ObjectNode identity() {
      ObjectNode identity = Json.COMPACT.createObjectNode();
      identity.put("experiment", experiment.name());
      identity.put("quick", quick);
      identity.set("seeds", Json.COMPACT.valueToTree(seeds));
      identity.set("config", settings.json());
      String inputs = experiment.fingerprint(settings);
      if (!inputs.isEmpty()) {
        identity.put("inputs", inputs);
      }
      return identity;
    }

    /** Settings that differ from the usual ones of the full or the quick form. */
    private Map<String, JsonNode> changed() {
      ObjectNode usual = experiment.settings(quick).json();
      Map<String, JsonNode> changed = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> setting : settings.json().properties()) {
        if (!setting.getValue().equals(usual.get(setting.getKey()))) {
          changed.put(setting.getKey(), setting.getValue());
        }
      }
      return changed;
    }

    /** The experiment's name; at other settings or seeds a digest of them behind it. */
    String folder() {
      String name = experiment.name() + (quick ? "-quick" : "");
      return changed().isEmpty() && usualSeeds
          ? name
          : name + "-" + Digest.sha256(seeds + settings.json().toString()).substring(0, 8);
    }

    /** The arguments that run the same again. */
    String command() {
      StringBuilder command = new StringBuilder("run ").append(experiment.name());
      if (quick) {
        command.append(" --quick");
      }
      if (!usualSeeds) {
        command
            .append(" --seed-list ")
            .append(seeds.stream().map(String::valueOf).collect(Collectors.joining(",")));
      }
      changed()
          .forEach(
              (key, value) ->
                  command
                      .append(' ')
                      .append(key)
                      .append('=')
                      .append(argument(value.toString().replaceAll("[\\[\\]\"]", ""))));
      return command.toString();
    }

    /** In quotes where it has blanks, as Maven takes arguments apart. */
    private static String argument(String value) {
      return value.contains(" ") ? "'" + value + "'" : value;
    }

    /** Every trial, those that choose a setting first. */
    List<Trial> trials() {
      return Stream.concat(
              experiment.tuningTrials(settings).stream(),
              seeds.stream().flatMap(seed -> experiment.trials(settings, seed).stream()))
          .toList();
    }
  }

  /**
   * Runs the experiment, or says that it is finished already.
   *
   * @return the run's folder
   * @throws InputException when the settings cannot be used, or trials of an earlier start are
   *     damaged
   */
  public Path run(Experiment experiment) throws IOException {
    Run run = Run.of(experiment, options);
    Path folder = options.root().resolve(run.folder());
    Charts.requireFonts();
    try (ResultStore store = ResultStore.open(folder, run.identity(), options.force())) {
      Result result;
      if (store.finished()) {
        result = ResultStore.read(folder);
        if (!RunReport.isIn(new RunFolder(folder))) {
          Report.writeRun(folder); // it was stopped after the result and before its report
        }
        out.printf(
            "%s is finished already, nothing to do (--force runs it again).%n", experiment.name());
      } else {
        List<Trial> trials = run.trials();
        boolean resumed = !store.records().isEmpty();
        runTrials(run, trials, store);
        try {
          result = Conclusion.write(run, store, store.sort(trials));
        } catch (IndexOutOfBoundsException | NoSuchElementException misfit) {
          if (!resumed) { // then no file can be to blame
            throw misfit;
          }
          throw new InputException(
              "The trials in %s are not all what '%s' measures (%s): delete damaged lines, or add --force to run all again."
                  .formatted(
                      folder.resolve("metrics.jsonl"), experiment.name(), misfit.getMessage()));
        }
      }
      out.printf(
          "%s: %s %s%n", experiment.name(), result.verdict().status(), result.verdict().sentence());
      out.printf("%s: %s%n", experiment.name(), folder.resolve("report.md"));
    }
    return folder;
  }

  private void runTrials(Run run, List<Trial> trials, ResultStore store) throws IOException {
    Experiment experiment = run.experiment();
    Claims claims = Claims.of(experiment.name());
    claims.keep(store.directory());
    Set<String> finished =
        store.records().stream()
            .map(record -> record.trial().toString())
            .collect(Collectors.toCollection(HashSet::new));
    List<Trial> left =
        trials.stream().filter(trial -> !finished.contains(trial.key().toString())).toList();
    int width = options.backend().width(experiment, trials);
    Progress.announce(
        out,
        "%s: %d trials, %d at a time%s"
            .formatted(
                experiment.name(),
                trials.size(),
                width,
                finished.isEmpty()
                    ? ""
                    : ", continues where it stopped: %d of %d trials are finished"
                        .formatted(trials.size() - left.size(), trials.size())),
        "the time left is told soon",
        store.directory());
    double total = trials.stream().mapToDouble(Trial::work).sum();
    double before = total - left.stream().mapToDouble(Trial::work).sum();
    Sessions.Recorder recorder =
        new Sessions.Recorder(store.directory(), run.seeds(), Lanes.BITS, width);
    Backend.Sweep sweep =
        new Backend.Sweep(
            experiment, run.quick(), options.overrides(), run.settings(), store.directory());
    try (Progress progress =
        new Progress(
            out,
            experiment.name(),
            "trials",
            trials.size(),
            trials.size() - left.size(),
            total,
            before)) {
      Keeper keeper = new Keeper(out, claims.hash(), store, recorder, progress);
      // Those that are tested run with what those that choose have found.
      Set<Trial> choosing = Set.copyOf(experiment.tuningTrials(run.settings()));
      for (boolean first : List.of(true, false)) {
        List<TrialRecord> records = store.records();
        options
            .backend()
            .run(
                sweep,
                left.stream()
                    .filter(trial -> choosing.contains(trial) == first)
                    .map(
                        trial ->
                            new Backend.Request(
                                trial, experiment.chosen(run.settings(), trial, records)))
                    .toList(),
                keeper);
      }
    }
  }

  /** Keeps what backends hand back. */
  private record Keeper(
      PrintStream out,
      @Nullable String claims,
      ResultStore store,
      Sessions.Recorder recorder,
      Progress progress,
      Map<Trial, Double> told)
      implements Backend.Listener {
    Keeper(
        PrintStream out,
        @Nullable String claims,
        ResultStore store,
        Sessions.Recorder recorder,
        Progress progress) {
      this(out, claims, store, recorder, progress, new ConcurrentHashMap<>());
    }

    @Override
    public void progress(Trial trial, double fraction, String message) {
      double before = told.getOrDefault(trial, 0.0);
      if (fraction - before >= .01) {
        progress.advance((fraction - before) * trial.work(), message);
        told.put(trial, fraction);
      }
    }

    @Override
    public void status(String message) {
      progress.advance(0, message);
    }

    @Override
    public void finished(Trial trial, Attempt attempt) throws IOException {
      // In this order, a trial that the run has also has its provenance.
      recorder.finished(trial.label(), attempt.timings(), attempt.machine());
      store.append(new TrialRecord(trial.key(), attempt.figures(), attempt.failure(), claims));
      double before = told.getOrDefault(trial, 0.0);
      progress.finished((1 - before) * trial.work(), trial.label() + attempt.outcome());
    }

    @Override
    public void failed(Trial trial, String why) {
      out.printf("Trial %s went wrong: %s%n", trial.label(), why);
    }
  }
}
