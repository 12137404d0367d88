package dev.unroll.run;

import dev.unroll.kernel.Buffers;

/** Checks of the sizes of arrays. */
public final class Sizes {
  private Sizes() {}

  /**
   * Checks that an array is long enough.
   *
   * @param name of the array
   * @param length what it has
   * @param needed what it needs
   * @param meaning the product that is, e.g. {@code T * B}
   * @throws IllegalArgumentException if it is shorter; the message has all four
   */
  public static void check(String name, int length, long needed, String meaning) {
    if (length < needed) {
      throw new IllegalArgumentException(
          name + " has " + length + " elements, but " + meaning + " = " + needed + " are needed.");
    }
  }

  /**
   * As {@link #check}, for an array that is yet to be made.
   *
   * @param name of the array
   * @param needed the elements it is to have
   * @param meaning the product that is, e.g. {@code T * B}
   * @param remedy what to use instead, e.g. {@code fewer steps}
   * @throws IllegalArgumentException if it is longer than a Java array can be
   */
  public static void checkPossible(String name, long needed, String meaning, String remedy) {
    if (needed > Buffers.LONGEST) {
      throw new IllegalArgumentException(
          name
              + " would have "
              + meaning
              + " = "
              + needed
              + " elements, but a Java array holds "
              + Buffers.LONGEST
              + ": use "
              + remedy
              + ".");
    }
  }
}
