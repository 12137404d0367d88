package dev.unroll.run;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A counter alone on its cache lines, so that threads that spin on it disturb nothing else. */
final class Counter {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused")
  private long before0, before1, before2, before3, before4, before5, before6, before7;

  volatile int value;

  @SuppressWarnings("unused")
  private long after0, after1, after2, after3, after4, after5, after6, after7;

  int increment() {
    return (int) VALUE.getAndAdd(this, 1) + 1;
  }
}
