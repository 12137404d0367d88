package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.cell.Initializer;
import dev.unroll.experiments.Main;
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
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Whatever a checkpoint holds, {@code sample} draws from it or says in a sentence why not. */
class CheckpointFuzzTest {
  private static final int TRIALS = 2_000;
  private static final long SMALL = 64L << 20;
  private static final int BYTES_FOR_A_BYTE = 256;

  @TempDir private Path folder;
  private final CommandLine line = Main.commandLine();

  @Test
  void damagedCheckpointsAreSampledOrRefused() throws Exception {
    List<byte[]> corpus = corpus();
    Path file = folder.resolve("damaged.safetensors");
    AtomicInteger sampled = new AtomicInteger();
    for (byte[] broken : onceBroken(corpus.get(1))) {
      trySampling(file, broken, sampled);
    }
    Fuzz.run("checkpoints", TRIALS, random -> trySampling(file, damaged(corpus, random), sampled));
    assertThat(sampled).hasValueGreaterThan(TRIALS / 50);
  }

  private void trySampling(Path file, byte[] bytes, AtomicInteger sampled) throws Exception {
    Files.write(file, bytes);
    List<String> words = List.of("sample", "--length", "3", "--model", file.toString());
    Fuzz.within(
        SMALL + (long) BYTES_FOR_A_BYTE * bytes.length,
        () -> {
          if (Commands.run(() -> line, words) == 0) {
            sampled.getAndIncrement();
          }
        });
  }

  /** Files that tell of more layers than there are, or have as many as nobody trains. */
  private static List<byte[]> onceBroken(byte[] twoLayers) {
    List<byte[]> files = new ArrayList<>();
    for (String layers : List.of("0", "-1", "100000", "2147483647", "2147483648", "x")) {
      files.add(
          edited(
              twoLayers,
              header ->
                  header.replace(
                      "_metadata__\":{",
                      "_metadata__\":{\"unroll.num_layers\":\"" + layers + "\",")));
      files.add(edited(twoLayers, header -> header.replace("_l1\"", "_l" + layers + "\"")));
    }
    String many =
        IntStream.range(2, 20_000)
            .mapToObj(
                layer ->
                    "\"rnn.weight_ih_l%d\":{\"dtype\":\"F32\",\"shape\":[0,1],\"data_offsets\":[0,0]},"
                        .formatted(layer))
            .collect(Collectors.joining());
    files.add(edited(twoLayers, header -> "{" + many + header.substring(1)));
    return files;
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
    return random.nextBoolean()
        ? mutator.bytes(whole, mutator.pick(corpus), whole.length)
        : edited(whole, mutator::json);
  }

  /** The file with another header, whose length is put right. */
  private static byte[] edited(byte[] whole, UnaryOperator<String> edit) {
    int end = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
    byte[] header = Mutator.latin(edit.apply(Mutator.latin(Arrays.copyOfRange(whole, 8, end))));
    return ByteBuffer.allocate(8 + header.length + whole.length - end)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(whole, end, whole.length - end)
        .array();
  }
}
