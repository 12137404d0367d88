package dev.unroll.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.benchmark.JmhCommand;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No measuring process outlives a parent that is killed and can end nobody. */
class EndWithParentTest {
  private static final String MEASURES = "it measures";
  private static final long MOST_NANOS = 5_000_000_000L;

  /** A parent. */
  public static final class Parent {
    private Parent() {}

    /** Starts {@link Busy}. */
    public static void main(String[] args) throws Exception {
      ForkedJvm.run(
          new ForkedJvm.Job(
              System.getProperty("java.class.path"),
              List.of("-Xms64m"),
              Busy.class,
              List.of(MEASURES),
              Map.of()),
          message -> System.out.println(message.tag()));
    }
  }

  /** A child that says its argument and then never looks up from its work. */
  public static final class Busy {
    static double sum;

    private Busy() {}

    /** Works. */
    public static void main(String[] args) {
      Message.send(args[0], "");
      for (double x = 0; x >= 0; x++) {
        sum += Math.sin(x);
      }
    }
  }

  @Test
  void aForkedJvmEnds() throws Exception {
    assertChildEndsWith(MEASURES, Parent.class);
  }

  @Test
  void aForkOfJmhEnds() throws Exception {
    assertChildEndsWith(
        "Warmup Iteration",
        JmhCommand.class,
        "StreamingStep.step$",
        "-p",
        "cell=gru",
        "-p",
        "hidden=8",
        "-w",
        "60",
        "-jvmArgsAppend",
        "-Xms64m");
  }

  /** Kills a program once it has said something. */
  private static void assertChildEndsWith(String sign, Class<?> main, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(ForkedJvm.VECTORS, "-Djmh.ignoreLock=true", "-cp"));
    command.addAll(List.of(System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    Process parent =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<ProcessHandle> children = List.of();
    try {
      readUntil(sign, parent.getInputStream());
      children = parent.descendants().toList();
      assertThat(children).isNotEmpty();
      parent.destroyForcibly().waitFor();
      long start = System.nanoTime();
      while (children.stream().anyMatch(EndWithParentTest::runs)) {
        assertThat(System.nanoTime() - start).isLessThan(MOST_NANOS);
        Thread.sleep(20);
      }
    } finally {
      parent.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** One that has ended may be listed until somebody asks for its exit code, without a command. */
  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  private static void readUntil(String sign, InputStream output) throws IOException {
    StringBuilder said = new StringBuilder();
    while (said.indexOf(sign) < 0) {
      int next = output.read();
      assertThat(next).as(said.toString()).isNotNegative();
      said.append((char) next);
    }
  }
}
