package dev.unroll.bench.roofline;

import dev.unroll.bench.machine.Caches;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.kernel.Lanes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Measures every ceiling in a process of its own, since a width is a constant of a process. */
public final class CeilingsFork {
  private static final int SAMPLES = 25;

  private CeilingsFork() {}

  /**
   * Measures in a new process.
   *
   * @param moment what to call the row
   * @param bits the vector width
   * @param threads that run each probe at once
   */
  public static CeilingRow measure(String moment, int bits, int threads)
      throws IOException, InterruptedException {
    ForkedJvm.Job job =
        new ForkedJvm.Job(
            System.getProperty("java.class.path"),
            List.of("-D" + Lanes.PROPERTY + "=" + bits),
            CeilingsFork.class,
            List.of(moment, Integer.toString(threads)),
            Map.of());
    List<CeilingRow> rows = new ArrayList<>();
    ForkedJvm.run(job, message -> rows.add(message.as(CeilingRow.class)));
    return rows.getFirst();
  }

  /**
   * The measuring process: sends one row.
   *
   * @param args what to call the row, and the number of threads
   */
  public static void main(String[] args) {
    int threads = Integer.parseInt(args[1]);
    Ceilings ceilings = new Ceilings(threads);
    for (int i = 0; i < SAMPLES; i++) {
      ceilings.sampleFma();
      ceilings.sampleLatencies();
      ceilings.levels().forEach(ceilings::sample);
    }
    Map<String, Double> gigabytes = new TreeMap<>();
    Map<String, Long> capacity = new TreeMap<>();
    for (Caches.Level level : ceilings.levels()) {
      gigabytes.put(level.name(), ceilings.gigabytes(level));
      capacity.put(level.name(), level.bytes());
    }
    Message.send(
        "ceilings",
        new CeilingRow(
            args[0],
            Lanes.BITS,
            threads,
            ceilings.gigaflops(),
            gigabytes,
            capacity,
            ceilings.fmaNanos(),
            ceilings.activationNanos()));
  }
}
