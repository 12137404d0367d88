package dev.unroll.train;

import java.nio.ByteBuffer;

/**
 * The processes that train one model together, each with its own copy of it, and the channels
 * between them: what a {@link ShardedSession} sends its sums through.
 */
public interface Peers {
  /** {@return this process's number, from 0} */
  int rank();

  /** {@return the number of processes, this one among them} */
  int count();

  /**
   * Sends a message, without waiting for its arrival. Its content may change once the peer has sent
   * something that it could only send after it.
   *
   * @param rank to whom
   * @param message from position to limit, which stay as they are
   * @throws IllegalStateException if the peer is lost
   */
  void send(int rank, ByteBuffer message);

  /**
   * Waits for a message.
   *
   * @param rank from whom
   * @return the first of its messages that has not been received yet, in big-endian order
   * @throws IllegalStateException if the peer is lost
   */
  ByteBuffer receive(int rank);

  /** {@return a process alone} */
  static Peers none() {
    return new Peers() {
      @Override
      public int rank() {
        return 0;
      }

      @Override
      public int count() {
        return 1;
      }

      @Override
      public void send(int rank, ByteBuffer message) {
        throw new IllegalArgumentException("There is no peer " + rank + ".");
      }

      @Override
      public ByteBuffer receive(int rank) {
        throw new IllegalArgumentException("There is no peer " + rank + ".");
      }
    };
  }
}
