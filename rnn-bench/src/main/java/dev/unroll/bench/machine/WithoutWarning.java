package dev.unroll.bench.machine;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Lets everything through but the line that each JVM with vectors begins with, which no flag turns
 * off.
 */
public final class WithoutWarning extends FilterOutputStream {
  private static final byte[] LINE =
      "WARNING: Using incubator modules: jdk.incubator.vector\n".getBytes(StandardCharsets.UTF_8);

  private static final int PASSING = -1;

  /** How much of the line has come and is held back; {@link #PASSING} in the midst of another. */
  private int held;

  private WithoutWarning(OutputStream out) {
    super(out);
  }

  /** A stream like {@code out}. */
  public static PrintStream of(PrintStream out) {
    return new PrintStream(new WithoutWarning(out), true, out.charset());
  }

  @Override
  public void write(int b) throws IOException {
    if (held != PASSING && b == LINE[held]) {
      held = (held + 1) % LINE.length;
      return;
    }
    release();
    out.write(b);
    held = b == '\n' ? 0 : PASSING;
  }

  private void release() throws IOException {
    if (held > 0) {
      out.write(LINE, 0, held);
    }
    held = PASSING;
  }

  @Override
  public void close() throws IOException {
    release();
    super.close();
  }
}
