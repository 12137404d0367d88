package dev.unroll.bench;

import java.util.List;

/** The program behind {@code mvn -pl rnn-bench exec}. */
public final class Main {
  private Main() {}

  /**
   * Prints what it was given.
   *
   * @param args the words of {@code -Dargs}
   */
  public static void main(String[] args) {
    System.out.println("rnn-bench, arguments " + List.of(args));
  }
}
