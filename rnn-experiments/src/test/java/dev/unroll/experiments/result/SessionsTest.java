package dev.unroll.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  @TempDir private Path folder;

  /** What the program did before, such as another experiment of the same call, is not counted. */
  @Test
  void cpuTimeIsThatOfTheSession() throws IOException {
    double before = SYSTEM.getProcessCpuTime() / 1e9;
    assertThat(before).isGreaterThan(.1);
    Sessions.Recorder recorder = new Sessions.Recorder(folder, List.of(1L), 256, 1);
    recorder.finished("seed=1", Map.of(), null);
    double since = SYSTEM.getProcessCpuTime() / 1e9 - before;
    assertThat(Sessions.read(folder).sessions().getFirst().cpuSeconds())
        .isBetween(0.0, since + .01)
        .isLessThan(before + since);
  }
}
