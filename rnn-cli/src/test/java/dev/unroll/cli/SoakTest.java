package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.io.StateDict;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.ModelStream;
import dev.unroll.train.Session;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that trains, predicts, streams and runs experiments over and over needs no more from
 * round to round. {@code -Dsoak.minutes=30} goes on for so long.
 *
 * <p>The rule: a straight line through the second half of the rounds rises by less than the bound
 * of its quantity. In the first half classes are loaded, code is compiled and the heap finds its
 * size.
 */
class SoakTest {
  private static final int ROUNDS = 16;
  private static final double HEAP_BYTES = 4 << 20;
  private static final double RESIDENT_BYTES = 64 << 20;

  /** One that is lost in every second round is seen. */
  private static final double COUNT = ROUNDS / 4.;

  @TempDir private Path folder;

  /** What the program holds between two rounds. */
  private record Held(double heap, double resident, double threads, double files) {
    static Held now() throws IOException {
      System.gc();
      return new Held(
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          residentBytes(),
          ManagementFactory.getThreadMXBean().getThreadCount(),
          ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
              ? unix.getOpenFileDescriptorCount()
              : 0);
    }

    /** 0 where the system does not tell. */
    private static double residentBytes() throws IOException {
      Path status = Path.of("/proc/self/status");
      return Files.exists(status)
          ? Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("VmRSS"))
              .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
              .sum()
          : 0;
    }
  }

  @Test
  @SuppressWarnings("SystemOut") // what was held is the result of a long form
  void nothingGrowsFromRoundToRound() throws Exception {
    Duration length = Duration.ofMinutes(Long.getLong("soak.minutes", 0));
    long start = System.nanoTime();
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < ROUNDS || System.nanoTime() - start < length.toNanos(); i++) {
      network(i);
      experiments();
      held.add(Held.now());
    }
    List<Held> second = held.subList(held.size() / 2, held.size());
    if (!length.isZero()) {
      System.out.printf(
          "soak: %,d rounds; over the second half heap %+.2f MB of %.1f, resident %+.1f MB of %.0f,"
              + " threads %+.2f of %.0f, files %+.2f of %.0f.%n",
          held.size(),
          rise(second, Held::heap) / 1e6,
          second.getLast().heap / 1e6,
          rise(second, Held::resident) / 1e6,
          second.getLast().resident / 1e6,
          rise(second, Held::threads),
          second.getLast().threads,
          rise(second, Held::files),
          second.getLast().files);
    }
    requireFlat("The heap after a collection", second, Held::heap, HEAP_BYTES);
    requireFlat("The resident memory", second, Held::resident, RESIDENT_BYTES);
    requireFlat("The number of threads", second, Held::threads, COUNT);
    requireFlat("The number of open files", second, Held::files, COUNT);
  }

  private static void requireFlat(
      String what, List<Held> held, ToDoubleFunction<Held> quantity, double bound) {
    assertThat(rise(held, quantity))
        .as("%s grows over %d rounds, to %s", what, held.size(), held.getLast())
        .isLessThan(bound);
  }

  /** By how much the line of least squares rises over all of them. */
  private static double rise(List<Held> held, ToDoubleFunction<Held> quantity) {
    SimpleRegression line = new SimpleRegression();
    for (int i = 0; i < held.size(); i++) {
      line.addData(i, quantity.applyAsDouble(held.get(i)));
    }
    return line.getSlope() * (held.size() - 1);
  }

  /** Trains a network on two threads, writes and reads it, predicts and streams. */
  private void network(int round) throws IOException {
    int steps = 6;
    int batch = 8;
    int tokens = 5;
    String cell = List.of("rnn_tanh", "lstm", "gru", "min_gru").get(round % 4);
    RecurrentConfig layers = RecurrentConfig.of(Cells.named(cell), 8, 16).withNumLayers(2);
    RandomGenerator random = Initializer.random(round);
    Model model = new Model(Model.Config.of(layers, tokens).withEmbedding(tokens), random);
    int[] x = new int[steps * batch];
    try (Team team = new Team(2)) {
      Session session = model.session(steps, batch, Model.Readout.LAST_STEP, true, team);
      Adam adam = new Adam(.01);
      for (int i = 0; i < 20; i++) {
        session.forward(x);
        model.parameters().zeroGradients();
        session.crossEntropy(new int[batch]);
        session.backward();
        adam.step(model.parameters());
      }
    }
    Path file = folder.resolve("model.safetensors");
    StateDict.of(model).write(file);
    Model read = StateDict.read(file).model();
    Session session = read.session(steps, batch, Model.Readout.LAST_STEP, false);
    session.forward(x);
    assertThat(session.predictions()).hasSize(batch);
    ModelStream stream = read.stream(1);
    for (int i = 0; i < 50; i++) {
      stream.step(i % tokens);
    }
  }

  /** Runs two experiments anew, and the report of both. */
  private void experiments() throws IOException {
    Path root = folder.resolve("runs");
    for (List<String> words :
        List.of(
            Deeds.words(root, 2),
            List.of("run", "exact", "--quick", "--out", root.toString()),
            List.of("report", "--out", root.toString()))) {
      assertThat(Commands.run(dev.unroll.experiments.Main::commandLine, words)).isZero();
    }
    Folder.copy(Path.of("none"), root);
  }
}
