package dev.unroll.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.harness.TrialStopped;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.Footprint;
import dev.unroll.report.command.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Command;

/**
 * Every setting of every experiment at nonsense values: a sentence or a trial that begins. The
 * settings come from the registry, so that a new experiment is tried as well.
 */
class ExtremesTest {
  private static final List<String> VALUES =
      List.of("0", "-1", "1", "2147483647", "NaN", "Infinity", "1e308", "1e-308", "a\0b", "");

  private static final long MEMORY = 256L << 20;

  @TempDir private Path root;

  static List<Experiment> all() {
    return Experiments.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  @Timeout(60)
  void anyValueGivesASentenceOrATrial(Experiment experiment) {
    for (String name : experiment.settings(true).json().propertyNames()) {
      for (String value : VALUES) {
        StringWriter error = new StringWriter();
        int code =
            Program.run(
                Program.of(new Begin(experiment, Map.of(name, value)))
                    .setErr(new PrintWriter(error)));
        String[] lines = error.toString().split("\\R");
        assertThat(lines).as("%s %s=%s", experiment.name(), name, value).hasSize(1);
        assertThat(lines[0]).matches(code == 0 ? "" : "Error: .*[ .].*");
      }
    }
  }

  /** What {@code run --quick} does, up to the first sign of the last trial. */
  @Command
  private final class Begin implements Callable<Integer> {
    private final Experiment experiment;
    private final Map<String, String> overrides;

    Begin(Experiment experiment, Map<String, String> overrides) {
      this.experiment = experiment;
      this.overrides = overrides;
    }

    @Override
    public Integer call() {
      Settings settings = experiment.settings(true).override(experiment.name(), overrides);
      Footprint.require(experiment.name(), settings, MEMORY);
      experiment.fingerprint(settings);
      List<Trial> tuning = experiment.tuningTrials(settings);
      Trial trial = (tuning.isEmpty() ? experiment.trials(settings, 1) : tuning).getLast();
      try {
        experiment.run(
            new TrialContext(
                experiment.settings(settings, experiment.chosen(settings, trial, List.of())),
                trial,
                root,
                (fraction, message) -> {
                  throw new Begun();
                }));
      } catch (Begun | TrialStopped ended) {
        return 0;
      }
      return 0;
    }
  }

  /** The trial works. */
  private static final class Begun extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
