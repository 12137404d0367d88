package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.ForkedJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jmh}: JMH itself, with the flags of every measuring JVM unless others are given. */
@Command(
    name = "jmh",
    description = "Passes everything after it to JMH; \"jmh -h\" shows JMH's own help.",
    footer = {
      "",
      "Examples:",
      "  jmh -l",
      "  jmh SequenceLength -p cell=lstm -p steps=100,200 -prof gc",
      "  jmh BatchAndThreads -p batch=64 -rf json -rff target/jmh.json"
    })
public final class JmhCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "ARGS", description = "JMH's arguments.")
  private List<String> args = new ArrayList<>();

  /** Made by picocli. */
  public JmhCommand() {}

  @Override
  public Integer call() throws IOException {
    List<String> all = new ArrayList<>(args);
    if (!all.contains("-jvmArgs")) {
      all.add("-jvmArgs");
      all.add(String.join(" ", ForkedJvm.flags()));
    }
    org.openjdk.jmh.Main.main(all.toArray(String[]::new));
    return 0;
  }
}
