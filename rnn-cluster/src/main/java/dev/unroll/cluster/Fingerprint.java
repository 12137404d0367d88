package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Digest;
import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What may change the bits of a trial from one virtual machine to the next.
 *
 * @param code a checksum of the jar, or of the folders of classes
 * @param jdk the version of Java
 * @param vectorBits the width of vectors, which changes no bits but is told where others differ
 * @param probe a checksum of what a small training and the JDK's own functions compute
 */
record Fingerprint(String code, String jdk, int vectorBits, String probe) {
  private static final class Here {
    static final Fingerprint VALUE =
        new Fingerprint(codeHere(), System.getProperty("java.version"), Lanes.BITS, probeHere());
  }

  /** That of this virtual machine, computed once. */
  static Fingerprint here() {
    return Here.VALUE;
  }

  /**
   * Why trials of {@code other} may not be mixed with trials of this, as the end of a sentence
   * about the other; null where they may.
   */
  @Nullable String difference(Fingerprint other) {
    if (!code.equals(other.code)) {
      return "runs another build of this program (%.10s) than the driver (%.10s): give both the same jar"
          .formatted(other.code, code);
    }
    if (!jdk.equals(other.jdk)) {
      return "has Java %s and the driver %s, whose functions may round differently: install the same"
          .formatted(other.jdk, jdk);
    }
    if (!probe.equals(other.probe)) {
      return "computes other bits than the driver (probe %.10s with vectors of %d bits, and %.10s with %d): its processor or its Java differs in more than speed, use machines of one kind"
          .formatted(other.probe, other.vectorBits, probe, vectorBits);
    }
    return null;
  }

  /** In the jar for clusters all of these are in one file. */
  private static String codeHere() {
    StringBuilder sums = new StringBuilder();
    Stream.of(Fingerprint.class, Backend.class, Json.class, Lanes.class)
        .map(Fingerprint::location)
        .distinct()
        .forEach(location -> sums.append(checksum(location)));
    return Digest.sha256(sums.toString());
  }

  /** The jar or the folder that a class comes from. */
  static Path location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible); // class loaders make URIs
    }
  }

  private static String checksum(Path location) {
    try (Stream<Path> files = Files.walk(location)) {
      StringBuilder sums = new StringBuilder();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        sums.append(location.relativize(file)).append(Digest.sha256(Files.readAllBytes(file)));
      }
      return sums.toString();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /** Trains each of two cells for a few steps, and calls what processors have instructions for. */
  private static String probeHere() {
    Experiment training = Catalogue.experiment("copy-first");
    Settings settings =
        training
            .settings(true)
            .override(
                training.name(),
                Map.of("cells", "lstm,gru", "lengths", "7", "hidden_size", "19", "steps", "3"));
    StringBuilder computed = new StringBuilder();
    training
        .trials(settings, 1)
        .forEach(
            trial ->
                computed.append(
                    Attempt.at(
                            training,
                            new TrialContext(settings, trial, Path.of(""), (at, message) -> {}))
                        .figures()));
    List<DoubleUnaryOperator> functions =
        List.of(Math::exp, Math::log, Math::sin, Math::cos, Math::tanh, Math::cbrt, Math::sqrt);
    for (double x = 1e-3; x < 1e3; x *= 1.1) {
      for (DoubleUnaryOperator function : functions) {
        computed.append(function.applyAsDouble(x)).append(' ');
      }
      computed.append(Math.pow(x, 1 / x)).append(' ');
    }
    return Digest.sha256(computed.toString());
  }
}
