package dev.unroll.onnx;

/**
 * The memory that one run, or the reading of one file, may still take. A file of some bytes can
 * state a tensor of any size; whatever makes one asks here first.
 */
final class Memory {
  /** Elements that a Java array surely has room for. */
  private static final int LONGEST = Integer.MAX_VALUE - 64;

  private final long whole;
  private long left;

  private Memory(long bytes) {
    whole = bytes;
    left = bytes;
  }

  /** {@return half of what this JVM may use} */
  static Memory ofThisMachine() {
    return of(Runtime.getRuntime().maxMemory() / 2);
  }

  static Memory of(long bytes) {
    return new Memory(bytes);
  }

  /**
   * Counts an array that is about to be made.
   *
   * @throws IllegalArgumentException if it does not fit
   */
  void take(long elements, int bytes) {
    if (elements > LONGEST || elements * bytes > left) {
      throw new IllegalArgumentException(
          "needs "
              + elements
              + " elements of "
              + bytes
              + " bytes, but of the "
              + (whole >> 20)
              + " MB that a run may take (half of the JVM's memory, see -Xmx) only "
              + (left >> 20)
              + " MB are left");
    }
    left -= elements * bytes;
  }

  float[] floats(long elements) {
    take(elements, Float.BYTES);
    return new float[(int) elements];
  }

  long[] longs(long elements) {
    take(elements, Long.BYTES);
    return new long[(int) elements];
  }
}
