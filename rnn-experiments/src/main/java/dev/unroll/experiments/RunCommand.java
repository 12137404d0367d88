package dev.unroll.experiments;

import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.task.Footprint;
import dev.unroll.report.command.Destination;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs experiments. */
@Command(
    name = "run",
    description = {
      "Run experiments.",
      "A finished run stays, an interrupted one continues where it stopped.",
      "Each configuration has a folder of its own, results/runs/experiments/NAME."
    },
    mixinStandardHelpOptions = true)
public class RunCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 10_000;

  @Parameters(
      paramLabel = "NAME|KEY=VALUE",
      arity = "0..*",
      description = "Experiments by name, and settings laid over their defaults (see --settings).")
  private List<String> words = new ArrayList<>();

  @Option(names = "--all", description = "Every experiment.")
  private boolean all;

  @Option(names = "--quick", description = "The small setting: seconds, not minutes.")
  private boolean quick;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Run with seeds 1 to N; each experiment has its usual number.")
  private @Nullable Integer seeds;

  @Option(
      names = "--seed-list",
      paramLabel = "S,S,...",
      split = ",",
      description = "Run with exactly these seeds.")
  private @Nullable List<Long> seedList;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Trials at a time (default: the processors visible); results do not change.")
  private @Nullable Integer threads;

  @Mixin private Destination destination;

  @Option(names = "--force", description = "Throw an existing run away and run it again.")
  private boolean force;

  @Option(names = "--settings", description = "Print the settings and run nothing.")
  private boolean settings;

  /** Made by picocli. */
  public RunCommand() {}

  /**
   * Where the trials run.
   *
   * @throws InputException when it cannot be made
   */
  protected Backend backend() throws IOException {
    return new ThreadPool(threadsGiven());
  }

  @Override
  public Integer call() throws IOException {
    Map<String, String> overrides = new LinkedHashMap<>();
    LinkedHashSet<String> names = new LinkedHashSet<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        names.add(word);
      } else if (overrides.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
        throw new InputException(
            "'" + word.substring(0, equals) + "' is given twice: keep one of the two.");
      }
    }
    List<Experiment> chosen = new ArrayList<>();
    if (all) {
      chosen.addAll(Experiments.all());
    } else {
      names.forEach(name -> chosen.add(Experiments.named(name)));
    }
    if (chosen.isEmpty()) {
      throw new InputException(
          "run needs the name of an experiment, or --all; there are "
              + String.join(", ", Experiments.names())
              + ".");
    }
    List<Long> seedsGiven = seedsGiven();
    try (Backend backend = backend()) {
      Runner.Options options =
          new Runner.Options(
              quick, seedsGiven, overrides, backend, destination.root("experiments"), force);
      for (Experiment experiment : chosen) {
        if (settings) {
          System.out.println(experiment.name() + " " + settings(experiment, overrides));
        } else {
          Footprint.require(
              experiment.name(),
              experiment.settings(quick).override(experiment.name(), overrides),
              backend.memory());
          new Runner(options, System.out).run(experiment);
        }
      }
    }
    return 0;
  }

  private String settings(Experiment experiment, Map<String, String> overrides) {
    return Json.PRETTY.writeValueAsString(
        experiment.settings(quick).override(experiment.name(), overrides).json());
  }

  private @Nullable List<Long> seedsGiven() {
    if (seedList != null && seeds != null) {
      throw new InputException("--seeds and --seed-list are both given: keep one of the two.");
    }
    if (seedList != null) {
      if (seedList.stream().distinct().count() < seedList.size()) {
        throw new InputException("--seed-list names a seed twice: each seed counts once.");
      }
      return seedList;
    }
    if (seeds == null) {
      return null;
    }
    if (seeds < 1) {
      throw new InputException("--seeds " + seeds + " is too few: give 1 or more.");
    }
    if (seeds > MOST_SEEDS) {
      throw new InputException(
          "--seeds " + seeds + " is too many: give " + MOST_SEEDS + " at most.");
    }
    return LongStream.rangeClosed(1, seeds).boxed().toList();
  }

  private int threadsGiven() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1) {
      throw new InputException("--threads " + threads + " is too few: give 1 or more.");
    }
    return threads;
  }
}
