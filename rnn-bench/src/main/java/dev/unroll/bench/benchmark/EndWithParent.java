package dev.unroll.bench.benchmark;

import dev.unroll.bench.machine.ForkedJvm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Has the processes that JMH starts end with the one that started them, which else they miss only
 * when an iteration is over. It measures nothing: a profiler is what JMH calls in each of them.
 */
public final class EndWithParent implements InternalProfiler {
  /** Set where JMH started the process; without forks there is none to end. */
  private static final String FORK = "unroll.jmh.fork";

  private boolean watches = !Boolean.getBoolean(FORK);

  /** Made by JMH. */
  public EndWithParent() {}

  /** These options, and this profiler. */
  static Options with(Options options) {
    List<String> flags = new ArrayList<>(options.getJvmArgsAppend().orElse(List.of()));
    flags.add("-D" + FORK + "=true");
    return new OptionsBuilder()
        .parent(options)
        .jvmArgsAppend(flags.toArray(String[]::new))
        .addProfiler(EndWithParent.class)
        .build();
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (!watches) {
      ForkedJvm.endWithParent();
      watches = true;
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return List.of();
  }

  @Override
  public String getDescription() {
    return "Ends a measuring process with the one that started it";
  }
}
