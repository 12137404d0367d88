package dev.unroll.run;

/** Checks of the sizes of arrays. */
public final class Sizes {
  /** Elements of the longest array: some virtual machines keep a few for themselves. */
  private static final int MOST = Integer.MAX_VALUE - 64;

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

  /** As {@link #check}, for an array that is yet to be made. */
  static void checkPossible(String name, long needed, String meaning) {
    if (needed > MOST) {
      throw new IllegalArgumentException(
          name
              + " would have "
              + meaning
              + " = "
              + needed
              + " elements, but a Java array holds "
              + MOST
              + ": use fewer steps or a smaller batch.");
    }
  }
}
