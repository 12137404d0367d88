package dev.unroll.experiments.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A group of permutations, whose word problem is to name the product of a sequence of its elements.
 * Those of Z2, Z3 and S3 are solvable, as all smaller than A5 are; A5 and S5 are not, and their
 * word problem is complete for NC1 (Barrington 1989; Merrill, Petty and Sabharwal 2024).
 */
public enum PermutationGroup {
  /** Two things kept or exchanged: parity. */
  Z2(new int[][] {{0, 1}, {1, 0}}),
  /** Three things turned: addition modulo 3. */
  Z3(new int[][] {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}}),
  /** All permutations of three things, the smallest group in which the order matters. */
  S3(new int[][] {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}}),
  /** The even permutations of five things. */
  A5(five(true)),
  /** All permutations of five things. */
  S5(five(false));

  @SuppressWarnings("ImmutableEnumChecker") // nobody writes them
  private final int[][] elements;

  @SuppressWarnings("ImmutableEnumChecker")
  private final int[][] product;

  PermutationGroup(int[][] elements) {
    this.elements = elements;
    int size = elements.length;
    List<List<Integer>> all = Arrays.stream(elements).map(PermutationGroup::list).toList();
    product = new int[size][size];
    for (int p = 0; p < size; p++) {
      for (int q = 0; q < size; q++) {
        int[] after = elements[p];
        product[p][q] = all.indexOf(list(Arrays.stream(elements[q]).map(k -> after[k]).toArray()));
      }
    }
  }

  /**
   * The group of this name.
   *
   * @param name {@code z2}, {@code z3}, {@code s3}, {@code a5} or {@code s5}
   * @throws IllegalArgumentException if there is none; the message names those there are
   */
  public static PermutationGroup named(String name) {
    for (PermutationGroup group : values()) {
      if (group.label().equals(name)) {
        return group;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no group: use %s."
            .formatted(
                name,
                Arrays.stream(values())
                    .map(PermutationGroup::label)
                    .collect(Collectors.joining(", "))));
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return the number of elements; 0 is the identity} */
  public int size() {
    return elements.length;
  }

  /**
   * {@return where an element puts each thing}
   *
   * @param element 0 to {@link #size} - 1
   */
  public int[] element(int element) {
    return elements[element].clone();
  }

  /**
   * {@return the element that does what q does and then what p does}
   *
   * @param p the second
   * @param q the first
   */
  public int product(int p, int q) {
    return product[p][q];
  }

  private static List<Integer> list(int[] permutation) {
    return Arrays.stream(permutation).boxed().toList();
  }

  /** Permutations of five things in lexicographic order. */
  private static int[][] five(boolean even) {
    List<int[]> all = new ArrayList<>();
    for (int code = 0; code < 3125; code++) {
      int digits = code;
      int[] one = new int[5];
      for (int k = 4; k >= 0; k--, digits /= 5) {
        one[k] = digits % 5;
      }
      if (Arrays.stream(one).distinct().count() == 5 && (!even || isEven(one))) {
        all.add(one);
      }
    }
    return all.toArray(int[][]::new);
  }

  private static boolean isEven(int[] one) {
    return IntStream.range(0, one.length)
                .mapToLong(j -> IntStream.range(0, j).filter(i -> one[i] > one[j]).count())
                .sum()
            % 2
        == 0;
  }
}
