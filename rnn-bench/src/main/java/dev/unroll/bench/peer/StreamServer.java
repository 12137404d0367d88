package dev.unroll.bench.peer;

/** A library that steps many streams through one layer and carries their states on. */
public interface StreamServer extends AutoCloseable {
  /**
   * Begins streams at states of zeros, numbered on from those that there are.
   *
   * @throws Exception whatever the library throws
   */
  void open(int streams) throws Exception;

  /**
   * Takes one step of each of some streams, none of which is there twice.
   *
   * @param streams their numbers
   * @param count how many of them, from the first on
   * @param x {@code [count, I]}
   * @param y {@code [count, H]}, written
   * @throws Exception whatever the library throws
   */
  void step(int[] streams, int count, float[] x, float[] y) throws Exception;

  @Override
  void close();
}
