package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.Provenance;
import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Runs a trial on an executor, from text to text; nothing that a trial does leaves it. */
final class TrialTask extends AbstractFunction1<Iterator<String>, String> implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What files told of themselves, by experiment and settings: they are read once. */
  private static final Map<String, String> INPUTS = new ConcurrentHashMap<>();

  @Override
  public String apply(Iterator<String> assignments) {
    Reply reply;
    try {
      reply = run(Json.COMPACT.readValue(assignments.next(), Assignment.class));
    } catch (Throwable problem) { // also memory that is exhausted: the next trial has it again
      reply = Reply.error(problem);
    }
    return Json.COMPACT.writeValueAsString(reply);
  }

  private static Reply run(Assignment assignment) throws IOException {
    String difference = assignment.driver().difference(Fingerprint.here());
    if (difference != null) {
      return refused(difference);
    }
    Experiment experiment = Catalogue.experiment(assignment.experiment());
    Settings all = assignment.settings(experiment);
    String unlike = unlikeInputs(assignment, experiment, all);
    if (unlike != null) {
      return refused(unlike);
    }
    Path directory = Files.createTempDirectory("unroll-trial");
    try {
      TrialContext context =
          new TrialContext(
              experiment.settings(all, assignment.chosen()),
              assignment.trial(experiment, all),
              directory,
              (fraction, message) -> {});
      String machine = "%s, vectors of %d bits".formatted(Provenance.processor(), Lanes.BITS);
      return Reply.of(Attempt.at(experiment, context).on(machine), directory);
    } finally {
      delete(directory);
    }
  }

  private static @Nullable String unlikeInputs(
      Assignment assignment, Experiment experiment, Settings all) {
    try {
      String inputs =
          INPUTS.computeIfAbsent(experiment.name() + all, key -> experiment.fingerprint(all));
      return inputs.equals(assignment.inputs())
          ? null
          : "reads other files than the driver does: copy the driver's to the same path there";
    } catch (RuntimeException unreadable) {
      return "cannot read what the driver reads: " + unreadable.getMessage();
    }
  }

  private static Reply refused(String why) throws IOException {
    return Reply.refused(
        "Executor %s on %s %s"
            .formatted(SparkEnv.get().executorId(), InetAddress.getLocalHost().getHostName(), why));
  }

  private static void delete(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
