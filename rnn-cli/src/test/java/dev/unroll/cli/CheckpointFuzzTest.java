package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.cell.Initializer;
import dev.unroll.experiments.task.CharModel;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.fuzz.Fuzz;
import dev.unroll.fuzz.Mutator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a checkpoint holds, {@code sample} draws from it or says in a sentence why not. */
class CheckpointFuzzTest {
  private static final int TRIALS = 2_000;

  @TempDir private Path folder;

  @Test
  void damagedCheckpointsAreSampledOrRefused() throws IOException {
    List<byte[]> corpus = corpus();
    Path file = folder.resolve("damaged.safetensors");
    List<String> words = List.of("sample", "--length", "3", "--model", file.toString());
    AtomicInteger sampled = new AtomicInteger();
    Fuzz.run(
        "checkpoints",
        TRIALS,
        random -> {
          Files.write(file, damaged(corpus, random));
          Fuzz.within(
              64L << 20,
              () -> {
                if (Commands.run(dev.unroll.experiments.Main::commandLine, words) == 0) {
                  sampled.getAndIncrement();
                }
              });
        });
    assertThat(sampled).hasValueGreaterThan(TRIALS / 50);
  }

  private List<byte[]> corpus() throws IOException {
    Vocabulary letters = new Vocabulary("ab\n\"é😀".codePoints().toArray());
    Path whole = folder.resolve("whole.safetensors");
    List<byte[]> files = new ArrayList<>();
    for (String cell : List.of("rnn_tanh", "lstm", "gru", "min_gru")) {
      CharModel.of(letters, cell, 3, 2, 2, Initializer.random(1)).save(whole);
      files.add(Files.readAllBytes(whole));
    }
    return files;
  }

  private static byte[] damaged(List<byte[]> corpus, RandomGenerator random) {
    Mutator mutator = new Mutator(random);
    byte[] whole = mutator.pick(corpus);
    int end = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (random.nextBoolean()) {
      return mutator.bytes(whole, mutator.pick(corpus), whole.length);
    }
    byte[] header = Mutator.latin(mutator.json(Mutator.latin(Arrays.copyOfRange(whole, 8, end))));
    return ByteBuffer.allocate(8 + header.length + whole.length - end)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(whole, end, whole.length - end)
        .array();
  }
}
