package dev.unroll.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Stepper;
import dev.unroll.run.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams over a restart. */
class StreamFileTest {
  private static final RecurrentConfig LSTM =
      RecurrentConfig.of(Cells.named("lstm"), 2, 5).withNumLayers(2).withProjSize(3);

  @TempDir private Path folder;

  private static void steps(Stepper stepper, Stream stream, int from, int count) {
    RecurrentConfig config = stream.config();
    float[] x = new float[stream.batch() * config.inputSize()];
    float[] y = new float[stream.batch() * config.outputSize()];
    for (int t = from; t < from + count; t++) {
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) Math.sin(t + 3 * i);
      }
      stepper.step(stream, x, y);
    }
  }

  @Test
  void streamsGoOnToTheBit() throws IOException {
    for (String cell : List.of("lstm", "gru", "min_gru")) {
      RecurrentConfig config = RecurrentConfig.of(Cells.named(cell), 2, 5).withNumLayers(2);
      if (cell.equals("lstm")) {
        config = config.withProjSize(3);
      }
      Recurrent network = new Recurrent(config);
      Initializer.recurrentDefault(network.parameters(), "", 5, Initializer.random(3));
      Stepper stepper = network.stepper(2);
      Map<String, Stream> streams = new LinkedHashMap<>();
      streams.put("a", network.stream(1));
      streams.put("user.h 7", network.stream(2));
      streams.put("", network.stream(1));
      int old = 0;
      for (Stream stream : streams.values()) {
        steps(stepper, stream, 0, old += 35); // in its first block, in its second, in its third
      }
      Path file = folder.resolve(cell + ".safetensors");
      StreamFile.write(file, streams);
      Map<String, Stream> read = StreamFile.read(file, config);
      assertThat(read.keySet()).containsExactlyElementsOf(streams.keySet());
      streams.forEach(
          (name, stream) -> {
            Stream other = read.getOrDefault(name, stream);
            assertThat(other.batch()).isEqualTo(stream.batch());
            assertThat(other.snapshot()).usingRecursiveComparison().isEqualTo(stream.snapshot());
            steps(stepper, stream, 7, 100);
            steps(stepper, other, 7, 100);
            assertThat(other.state().h()).isEqualTo(stream.state().h());
          });
    }
  }

  @Test
  void noStreamsAreAFileToo() throws IOException {
    Path file = folder.resolve("none");
    StreamFile.write(file, Map.of());
    assertThat(StreamFile.read(file, LSTM)).isEmpty();
  }

  @Test
  void streamsOfSeveralNetworksAreRefused() {
    Map<String, Stream> two =
        Map.of("a", new Stream(LSTM, 1), "b", new Stream(LSTM.withNumLayers(1), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StreamFile.write(folder.resolve("two"), two))
        .withMessageStartingWith("The streams are of 2 configurations");
  }

  @Test
  void whatIsOfAnotherNetworkIsRefused() throws IOException {
    Path file = folder.resolve("lstm");
    StreamFile.write(file, Map.of("a", new Stream(LSTM, 1)));
    refused(file, RecurrentConfig.of(Cells.named("gru"), 2, 5), "Its cell is 'lstm', not 'gru'.");
    refused(
        file, LSTM.withNumLayers(1), "Tensor 'a.h' has shape [2, 1, 3], but must have [1, 1, 3].");
    refused(
        file,
        RecurrentConfig.of(Cells.named("lstm"), 2, 6).withNumLayers(2).withProjSize(3),
        "Tensor 'a.c' has shape [2, 1, 5], but must have [2, 1, 6].");
  }

  @Test
  void whatIsNoFileOfStreamsIsRefused() throws IOException {
    RecurrentConfig gru = RecurrentConfig.of(Cells.named("gru"), 2, 1);
    Tensor h = Tensor.of(new float[1], 1, 1, 1);
    Tensor steps = Tensor.of(new long[] {3}, 1);
    refused(tensors(Map.of("a.h", h)), gru, "No tensor is named 'a.steps'; there are a.h.");
    refused(
        tensors(Map.of("a.h", h, "a.steps", steps, "b", h)),
        gru,
        "It has tensors that are not of streams.");
    refused(
        tensors(Map.of("a.h", h, "a.steps", Tensor.of(new long[] {1L << 40}, 1))),
        gru,
        "from.steps is 2147483647, but must be 0 to 127.");
    refused(
        tensors(Map.of("a.h", h, "a.steps", Tensor.of(new float[] {3}, 1))),
        gru,
        "The tensor is F32, not one of the integer types.");
    // A few bytes order no more than they are, whatever shape they claim.
    RecurrentConfig large = RecurrentConfig.of(Cells.named("gru"), 2, 1 << 15);
    refused(
        tensors(Map.of("a.h", Tensor.of(new float[100_000], 1, 100_000, 1))),
        large,
        "Tensor 'a.h' has shape [1, 100000, 1], but must have [1, 100000, 32768].");
  }

  private Path tensors(Map<String, Tensor> tensors) throws IOException {
    Path file = folder.resolve("some");
    new Safetensors(tensors, Map.of()).write(file);
    return file;
  }

  private static void refused(Path file, RecurrentConfig config, String why) {
    assertThatIOException()
        .isThrownBy(() -> StreamFile.read(file, config))
        .withMessage("'" + file + "' does not hold streams of this network: " + why);
  }
}
