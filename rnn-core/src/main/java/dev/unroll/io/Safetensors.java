package dev.unroll.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A safetensors file: named tensors and a map of strings. The format is an 8-byte little-endian
 * header length, a JSON header {@code {name: {dtype, shape, data_offsets}}} with an optional {@code
 * __metadata__}, then the tensors' bytes without gaps.
 *
 * @param tensors the tensors by name, in the header's order
 * @param metadata free text about the file
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";

  /** The format's own limit. It also keeps a wrong length from making us allocate too much. */
  private static final long LARGEST_HEADER = 100_000_000;

  /** Names in a message. */
  private static final int MOST_NAMES = 20;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Takes copies that keep the order. */
  public Safetensors {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * {@return the tensor of that name}
   *
   * @param name its name
   * @throws IllegalArgumentException if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "No tensor is named '" + name + "'; there are " + names(tensors.keySet()) + ".");
    }
    return tensor;
  }

  /**
   * {@return the dimensions of a tensor that tells a size}
   *
   * @param name its name
   * @param rank how many dimensions it must have
   * @throws IllegalArgumentException if there is none, or it has other dimensions or one that is 0:
   *     the others would take no bytes then, so that the smallest file could state any size
   */
  public List<Integer> shape(String name, int rank) {
    List<Integer> shape = tensor(name).shape();
    if (shape.size() != rank || shape.contains(0)) {
      throw new IllegalArgumentException(
          "Tensor '"
              + name
              + "' has shape "
              + shape
              + ", but must have "
              + rank
              + " dimensions of at least 1.");
    }
    return shape;
  }

  // Reading.

  private record Entry(String name, Tensor.Type type, List<Integer> shape, long begin, long end) {}

  /**
   * Reads a whole file. Allocates no more than the file has bytes, whatever its header says. Before
   * making anything of a size that it states, check that with {@link #shape}; a {@link StateDict}
   * does.
   *
   * @param path the file
   * @return its tensors and metadata
   * @throws IOException if it cannot be read or breaks the format; the message names the file, the
   *     tensor and what is wrong
   */
  public static Safetensors read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size < 8) {
        throw broken(path, "it has " + size + " bytes, but the length of the header alone takes 8");
      }
      long headerLength = readFully(path, channel, 8).getLong();
      if (headerLength < 2 || headerLength > Math.min(LARGEST_HEADER, size - 8)) {
        throw broken(
            path,
            "it states a header of "
                + Long.toUnsignedString(headerLength)
                + " bytes, but "
                + (size - 8)
                + " follow (at most "
                + LARGEST_HEADER
                + " are allowed)");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      List<Entry> entries =
          parseHeader(path, readFully(path, channel, (int) headerLength).array(), metadata);
      checkPlaces(path, entries, size - 8 - headerLength);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry entry : entries) {
        channel.position(8 + headerLength + entry.begin);
        byte[] bytes = readFully(path, channel, (int) (entry.end - entry.begin)).array();
        tensors.put(entry.name, new Tensor(entry.type, entry.shape, bytes));
      }
      return new Safetensors(tensors, metadata);
    } catch (NoSuchFileException e) {
      throw new IOException("There is no file '" + path + "'.", e);
    } catch (JacksonException e) {
      throw new IOException(
          "'" + path + "' is not a safetensors file: its header is not valid JSON.", e);
    }
  }

  private static List<Entry> parseHeader(Path path, byte[] json, Map<String, String> metadata)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      expect(path, parser.nextToken(), JsonToken.START_OBJECT, "the header");
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        expect(path, parser.nextToken(), JsonToken.START_OBJECT, "'" + name + "'");
        if (name.equals(METADATA)) {
          while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            expect(path, parser.nextToken(), JsonToken.VALUE_STRING, "metadata '" + key + "'");
            metadata.put(key, parser.getString());
          }
        } else {
          entries.add(parseEntry(path, parser, name));
        }
      }
      if (parser.nextToken() != null) {
        throw broken(path, "its header has more after the JSON object");
      }
    }
    return entries;
  }

  private static Entry parseEntry(Path path, JsonParser parser, String name) throws IOException {
    String dtype = "";
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (key) {
        case "dtype" -> {
          expect(path, value, JsonToken.VALUE_STRING, "dtype of '" + name + "'");
          dtype = parser.getString();
        }
        case "shape" -> shape = longs(path, parser, "shape of '" + name + "'");
        case "data_offsets" -> offsets = longs(path, parser, "data_offsets of '" + name + "'");
        default -> throw broken(path, "tensor '" + name + "' has an unknown key '" + key + "'");
      }
    }
    if (shape == null || offsets == null || offsets.size() != 2) {
      throw broken(path, "tensor '" + name + "' needs a shape and two data_offsets");
    }
    Tensor.Type type = type(path, name, dtype);
    long begin = offsets.get(0);
    long end = offsets.get(1);
    long bytes = type.bytes();
    for (long dimension : shape) {
      // With every dimension and the product below 2^31, the product of two fits a long.
      bytes = dimension > Integer.MAX_VALUE ? Long.MAX_VALUE : bytes * dimension;
      if (dimension < 0 || bytes > Integer.MAX_VALUE - 8) {
        throw broken(
            path, "tensor '" + name + "' of shape " + shape + " is larger than 2 GB or negative");
      }
    }
    if (end - begin != bytes) {
      throw broken(
          path,
          "tensor '"
              + name
              + "' of "
              + type
              + " and shape "
              + shape
              + " needs "
              + bytes
              + " bytes, but its data_offsets "
              + offsets
              + " span "
              + (end - begin));
    }
    return new Entry(name, type, shape.stream().map(Long::intValue).toList(), begin, end);
  }

  private static Tensor.Type type(Path path, String name, String dtype) throws IOException {
    return Arrays.stream(Tensor.Type.values())
        .filter(type -> type.name().equals(dtype))
        .findFirst()
        .orElseThrow(
            () ->
                broken(
                    path,
                    "tensor '"
                        + name
                        + "' has the dtype '"
                        + dtype
                        + "', but only "
                        + Arrays.toString(Tensor.Type.values())
                        + " are read"));
  }

  private static List<Long> longs(Path path, JsonParser parser, String what) throws IOException {
    expect(path, parser.currentToken(), JsonToken.START_ARRAY, what);
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(path, parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      values.add(parser.getLongValue());
    }
    return values;
  }

  private static void expect(Path path, JsonToken token, JsonToken wanted, String what)
      throws IOException {
    if (token != wanted) {
      throw broken(path, what + " has a JSON " + token + " where " + wanted + " is expected");
    }
  }

  /** Checks that the tensors fill the data one after another, in whatever order they are listed. */
  private static void checkPlaces(Path path, List<Entry> entries, long dataSize)
      throws IOException {
    List<Entry> byPlace = new ArrayList<>(entries);
    byPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long position = 0;
    for (Entry entry : byPlace) {
      if (entry.begin != position) {
        throw broken(
            path,
            "tensor '"
                + entry.name
                + "' begins at "
                + entry.begin
                + (entry.begin < position ? ", inside another tensor" : ", after a gap")
                + ": "
                + position
                + " was expected");
      }
      if (entry.end > dataSize) {
        throw broken(
            path,
            "tensor '"
                + entry.name
                + "' ends at byte "
                + entry.end
                + " of the data, but the file holds only "
                + dataSize
                + ": it may be cut short");
      }
      position = entry.end;
    }
    if (position != dataSize) {
      throw broken(path, "its tensors end after " + position + " of " + dataSize + " data bytes");
    }
  }

  private static ByteBuffer readFully(Path path, FileChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw broken(path, "it became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static IOException broken(Path path, String why) {
    return new IOException("'" + path + "' is not a valid safetensors file: " + why + ".");
  }

  // Writing.

  /**
   * Writes a temporary file in the same folder and then renames it, so that a reader finds either
   * the old file or the new one, never a part of one.
   *
   * @param path where to; an existing file is replaced
   * @throws IOException if it cannot be written; nothing is left behind then
   */
  public void write(Path path) throws IOException {
    WholeFile.write(
        path,
        channel -> {
          byte[] header = header();
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          writeFully(channel, length.putLong(header.length).flip());
          writeFully(channel, ByteBuffer.wrap(header));
          for (Tensor tensor : tensors.values()) {
            writeFully(channel, tensor.bytes());
          }
        });
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The JSON, padded with spaces so that the data begin at a multiple of 8 bytes. */
  private byte[] header() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectPropertyStart(METADATA);
        metadata.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      long position = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        json.writeObjectPropertyStart(entry.getKey());
        json.writeStringProperty("dtype", tensor.type().name());
        json.writeArrayPropertyStart("shape");
        tensor.shape().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeArrayPropertyStart("data_offsets");
        json.writeNumber(position);
        position += (long) tensor.size() * tensor.type().bytes();
        json.writeNumber(position);
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  /** {@return some names for a message, the first ones where there are many} */
  static String names(Collection<String> names) {
    String first = names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMES;
    return names.isEmpty() ? "none" : more > 0 ? first + " and " + more + " more" : first;
  }
}
