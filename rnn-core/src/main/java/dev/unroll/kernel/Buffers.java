package dev.unroll.kernel;

/**
 * Where the kernels' own buffers start.
 *
 * <p>An array's data begins 16 bytes after its object, so index 12 lies on a cache line of 64 bytes
 * when objects do ({@code -XX:ObjectAlignmentInBytes=64}, as this project's launchers set). Without
 * that flag results are the same and 512-bit loads cross cache lines.
 */
public final class Buffers {
  /** Index of a buffer's first element. */
  public static final int BASE = 12;

  /** Elements of the longest array: some virtual machines keep a few for themselves. */
  public static final int LONGEST = Integer.MAX_VALUE - 64;

  private Buffers() {}

  /**
   * Allocates a zeroed buffer whose elements are {@code BASE .. BASE + n - 1}.
   *
   * @throws IllegalArgumentException if n is more than one Java array can hold
   */
  public static float[] floats(long n) {
    return new float[length(n, "floats")];
  }

  /** As {@link #floats}, of ints. */
  static int[] ints(long n) {
    return new int[length(n, "ints")];
  }

  private static int length(long n, String what) {
    if (n > LONGEST) {
      throw new IllegalArgumentException(
          "A buffer of "
              + n
              + " "
              + what
              + " is needed, but a Java array holds "
              + LONGEST
              + ": use fewer steps, a smaller batch or a smaller hidden size.");
    }
    return BASE + (int) n;
  }
}
