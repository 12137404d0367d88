package dev.unroll.cluster;

import org.jspecify.annotations.Nullable;

/** Another task of the same trial is gone. */
final class PeerLostException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  PeerLostException(String peer, @Nullable Throwable cause) {
    super(peer + " of those that share this trial is lost.", cause);
  }
}
