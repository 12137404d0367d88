package dev.unroll.run;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of one step: which sequence of which stream each of them is. */
final class Rows {
  private final @Nullable Stream[] streams;
  private final int[] sequences;
  private int count;

  Rows(int largest) {
    streams = new Stream[largest];
    sequences = new int[largest];
  }

  int count() {
    return count;
  }

  /** Adds the sequences of a stream, for which there is room. */
  void add(Stream stream) {
    for (int b = 0; b < stream.batch(); b++) {
      streams[count] = stream;
      sequences[count++] = b;
    }
  }

  /** Keeps no stream alive. */
  void clear() {
    Arrays.fill(streams, 0, count, null);
    count = 0;
  }

  Stream stream(int row) {
    Stream stream = streams[row];
    if (stream == null) {
      throw new IndexOutOfBoundsException(row);
    }
    return stream;
  }

  /** {@return where a layer's part of a row is in its stream's state, in rows} */
  int place(Layer layer, int row) {
    return layer.index * stream(row).batch() + sequences[row];
  }
}
