package dev.unroll.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.conventions.ByLayer;
import dev.unroll.fuzz.Fuzz;
import dev.unroll.fuzz.Mutator;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import java.io.IOException;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a safetensors file holds, it is read or refused with a sentence, and what is made of it
 * costs no more memory than its bytes justify.
 */
@Order(ByLayer.LAST)
class SafetensorsFuzzTest {
  private static final int TRIALS = 15_000;

  /** Parsers and padding to whole vectors: far below what a wrong size would order. */
  private static final long SMALL = 4L << 20;

  private static final int BYTES_FOR_A_BYTE = 256;

  @TempDir private Path folder;

  /** Whole files, and those that once ordered gigabytes. */
  private List<byte[]> corpus() throws IOException {
    List<byte[]> files = new ArrayList<>();
    RecurrentConfig lstm = RecurrentConfig.of(Cells.named("lstm"), 2, 3);
    RandomGenerator random = Initializer.random(1);
    for (StateDict dict :
        List.of(
            StateDict.of(new Recurrent(lstm.withBidirectional(true).withProjSize(2))),
            StateDict.of(new Recurrent(RecurrentConfig.of(Cells.named("min_gru"), 2, 3))),
            StateDict.of(
                new Model(
                    Model.Config.of(RecurrentConfig.of(Cells.named("gru"), 2, 3), 4)
                        .withEmbedding(4),
                    random)),
            StateDict.of(new Model(Model.Config.of(lstm.withNumLayers(2), 4), random)))) {
      files.add(bytes(dict.file()));
    }
    files.add(
        bytes(
            new Safetensors(
                Map.of(
                    "weight_ih_l0",
                    Tensor.of(new double[] {1, Double.NaN}, 2, 1),
                    "weight_hh_l0",
                    Tensor.of(Tensor.Type.BF16, new byte[8], 2, 2),
                    "n",
                    Tensor.of(new long[] {Long.MAX_VALUE})),
                Map.of("cell", "rnn", "nonlinearity", "relu"))));
    files.add(
        file(entry("weight_ih_l0", "1,1", 0, 4) + "," + entry("weight_hh_l0", "0,20000", 4, 4)));
    files.add(file(entry("weight_ih_l0", "0,400000000", 0, 0)));
    files.add(
        file(
            entry("weight_ih_l0", "4,1", 0, 16)
                + ","
                + entry("weight_hh_l0", "4,1", 16, 32)
                + ","
                + entry("weight_hr_l0", "0,50000000", 32, 32)));
    files.add(
        file(
            entry("rnn.weight_ih_l0", "1,1", 0, 4)
                + ","
                + entry("rnn.weight_hh_l0", "0,40000", 4, 4)
                + ","
                + entry("fc.weight", "500000000,0", 4, 4)
                + ","
                + entry("embedding.weight", "", 4, 8)));
    files.add(
        file(
            entry("weight_ih_l0", "6000,1", 0, 24_000)
                + ","
                + entry("weight_ih_l1", "1,3000", 24_000, 36_000)));
    files.add(
        file(
            IntStream.range(0, 300)
                .mapToObj(layer -> entry("weight_ih_l" + layer, "0,1", 0, 0))
                .collect(Collectors.joining(","))));
    return files;
  }

  private static String entry(String name, String shape, int begin, int end) {
    return "\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
        .formatted(name, shape, begin, end);
  }

  /** With as many bytes of data as the last tensor ends at. */
  private static byte[] file(String entries) {
    String end = entries.replaceAll("(?s).*,(\\d+)]}$", "$1");
    return file(
        ("{" + entries + "}").getBytes(StandardCharsets.UTF_8), new byte[Integer.parseInt(end)]);
  }

  private static byte[] file(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private byte[] bytes(Safetensors tensors) throws IOException {
    Path file = folder.resolve("whole.safetensors");
    tensors.write(file);
    return Files.readAllBytes(file);
  }

  /** A quarter anywhere; else in the header alone, whose length is put right. */
  private static byte[] damaged(Mutator mutator, RandomGenerator random, List<byte[]> corpus) {
    byte[] whole = mutator.pick(corpus);
    if (random.nextInt(4) == 0) {
      return mutator.bytes(whole, mutator.pick(corpus), whole.length);
    }
    int end = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
    String header = Mutator.latin(Arrays.copyOfRange(whole, 8, end));
    return file(Mutator.latin(mutator.json(header)), Arrays.copyOfRange(whole, end, whole.length));
  }

  @Test
  void damagedFilesAreReadOrRefused() throws Exception {
    List<byte[]> corpus = corpus();
    Path path = folder.resolve("damaged.safetensors");
    AtomicInteger read = new AtomicInteger();
    AtomicInteger made = new AtomicInteger();
    for (int i = 0; i < 2; i++) { // first without a bound, as classes are loaded
      for (byte[] whole : corpus) {
        tryFile(path, whole, i == 0 ? Long.MAX_VALUE : SMALL, read, made);
      }
    }
    assertThat(made).hasPositiveValue();
    read.set(0);
    made.set(0);
    Fuzz.run(
        "safetensors",
        TRIALS,
        random -> tryFile(path, damaged(new Mutator(random), random, corpus), SMALL, read, made));
    assertThat(read).hasValueGreaterThan(TRIALS / 50);
    assertThat(made).hasValueGreaterThan(TRIALS / 500);
  }

  private static void tryFile(
      Path path, byte[] bytes, long most, AtomicInteger read, AtomicInteger made) throws Exception {
    Files.write(path, bytes);
    Fuzz.within(
        Math.max(most, most + (long) BYTES_FOR_A_BYTE * bytes.length),
        () -> {
          StateDict dict;
          try {
            dict = StateDict.read(path);
          } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("'" + path + "' is not a ");
            Fuzz.requireSentence(e.getMessage());
            return;
          }
          read.incrementAndGet();
          for (Tensor tensor : dict.file().tensors().values()) {
            Object values = tensor.type().isFloatingPoint() ? tensor.floats() : tensor.longs();
            assertThat(Array.getLength(values)).isEqualTo(tensor.size());
          }
          for (Fuzz.Work work :
              List.<Fuzz.Work>of(
                  () -> dict.recurrent(""), () -> dict.recurrent("rnn."), () -> dict.model())) {
            try {
              work.run();
              made.incrementAndGet();
            } catch (IllegalArgumentException e) {
              Fuzz.requireSentence(e.getMessage());
            }
          }
        });
  }
}
