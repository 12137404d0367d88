package dev.unroll.io;

import dev.unroll.cell.Cell;
import dev.unroll.cell.StatePart;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Streams in a safetensors file, by names: what a server keeps over a restart. Each goes on with
 * the bits that it would have had.
 *
 * <p>A stream NAME is, for each of its cell's states such as h, {@code NAME.h [numLayers, B,
 * width]}, and with a linear cell the state before the block of its scan, the block's product and
 * its solution, {@code NAME.block [3, numLayers, B, hiddenSize]}; {@code NAME.steps} says where in
 * a block it is.
 */
public final class StreamFile {
  private static final String CELL = "cell";
  private static final String STEPS = ".steps";

  private StreamFile() {}

  /**
   * Writes streams as they are now, as {@link Safetensors#write} does: the whole file or nothing.
   *
   * @param path where to; an existing file is replaced
   * @param streams of one configuration, by name
   * @throws IOException if it cannot be written; nothing is left behind then
   * @throws IllegalArgumentException if they are of several configurations
   * @throws IllegalStateException if somebody else uses one of them
   */
  public static void write(Path path, Map<String, Stream> streams) throws IOException {
    List<RecurrentConfig> configs =
        streams.values().stream().map(Stream::config).distinct().toList();
    if (configs.size() > 1) {
      throw new IllegalArgumentException(
          "The streams are of "
              + configs.size()
              + " configurations: write those of each into a file of their own.");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    streams.forEach((name, stream) -> add(tensors, name, stream));
    Map<String, String> metadata =
        configs.isEmpty() ? Map.of() : Map.of(CELL, configs.getFirst().cell().name());
    new Safetensors(tensors, metadata).write(path);
  }

  private static void add(Map<String, Tensor> tensors, String name, Stream stream) {
    RecurrentConfig config = stream.config();
    int layers = config.numLayers();
    int batch = stream.batch();
    Stream.Snapshot saved = stream.snapshot();
    List<StatePart> states = config.cell().states();
    for (int i = 0; i < states.size(); i++) {
      StatePart part = states.get(i);
      tensors.put(
          name + "." + part.name(),
          Tensor.of(saved.state().part(i), layers, batch, config.width(part)));
    }
    if (saved.block().length > 0) {
      float[] block = concat(saved.block());
      tensors.put(
          name + ".block",
          Tensor.of(block, saved.block().length, layers, batch, config.hiddenSize()));
    }
    tensors.put(name + STEPS, Tensor.of(new long[] {saved.steps()}, 1));
  }

  private static float[] concat(float[][] parts) {
    float[] all = new float[parts.length * parts[0].length];
    for (int i = 0; i < parts.length; i++) {
      System.arraycopy(parts[i], 0, all, i * parts[i].length, parts[i].length);
    }
    return all;
  }

  /**
   * Reads streams.
   *
   * @param path the file
   * @param config of the network that goes on with them
   * @return the streams by name, in the file's order
   * @throws IOException if the file cannot be read, breaks the format, or does not hold streams of
   *     such a network; the message says which tensor is wrong
   */
  public static Map<String, Stream> read(Path path, RecurrentConfig config) throws IOException {
    Safetensors file = Safetensors.read(path);
    Map<String, Stream> streams = new LinkedHashMap<>();
    try {
      String cell = file.metadata().get(CELL);
      if (cell != null && !cell.equals(config.cell().name())) {
        throw new IllegalArgumentException(
            "Its cell is '" + cell + "', not '" + config.cell().name() + "'.");
      }
      StatePart first = config.cell().states().getFirst();
      String ending = "." + first.name();
      int used = 0;
      for (String tensor : file.tensors().keySet()) {
        if (tensor.endsWith(ending)) {
          String name = tensor.substring(0, tensor.length() - ending.length());
          int batch = file.shape(tensor, 3).get(1);
          // Before anything is made of this size.
          requireShape(file, tensor, List.of(config.numLayers(), batch, config.width(first)));
          Stream stream = new Stream(config, batch);
          Map<String, Tensor> expected = new LinkedHashMap<>();
          add(expected, name, stream);
          expected.forEach((each, like) -> requireShape(file, each, like.shape()));
          stream.restore(snapshot(file, name, stream));
          streams.put(name, stream);
          used += expected.size();
        }
      }
      if (used < file.tensors().size()) {
        throw new IllegalArgumentException("It has tensors that are not of streams.");
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new IOException(
          "'" + path + "' does not hold streams of this network: " + e.getMessage(), e);
    }
    return streams;
  }

  private static void requireShape(Safetensors file, String name, List<Integer> shape) {
    Tensor tensor = file.tensor(name);
    if (!tensor.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "Tensor '" + name + "' has shape " + tensor.shape() + ", but must have " + shape + ".");
    }
  }

  private static Stream.Snapshot snapshot(Safetensors file, String name, Stream stream) {
    Stream.Snapshot empty = stream.snapshot();
    long steps = file.tensor(name + STEPS).longs()[0];
    float[][] block = empty.block();
    if (block.length > 0) {
      float[] all = file.tensor(name + ".block").floats();
      for (int i = 0; i < block.length; i++) {
        System.arraycopy(all, i * block[i].length, block[i], 0, block[i].length);
      }
    }
    Cell cell = stream.config().cell();
    float[][] parts =
        cell.states().stream()
            .map(part -> file.tensor(name + "." + part.name()).floats())
            .toArray(float[][]::new);
    return new Stream.Snapshot(
        State.of(cell, parts), Math.clamp(steps, -1, Integer.MAX_VALUE), block);
  }
}
