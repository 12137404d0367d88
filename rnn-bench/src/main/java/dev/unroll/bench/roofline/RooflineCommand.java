package dev.unroll.bench.roofline;

import dev.unroll.bench.machine.Caches;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Provenance;
import dev.unroll.bench.result.RunFolder;
import dev.unroll.kernel.Lanes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code roofline}: what the machine can do at most, at each vector width. */
@Command(
    name = "roofline",
    description = {
      "Measures arithmetic on registers at 512, 256 and 128 bits and reading from each cache",
      "level and memory, and draws the roofline with the points of the newest run."
    },
    footer = {"", "Example:", "  roofline --threads 1,2"},
    mixinStandardHelpOptions = true)
public final class RooflineCommand implements Callable<Integer> {
  private static final int SAMPLES = 25;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads; default 1 and all cores.")
  private List<Integer> threads = new ArrayList<>();

  /** Made by picocli. */
  public RooflineCommand() {}

  @Override
  public Integer call() throws Exception {
    long start = System.nanoTime();
    Set<Integer> counts = new LinkedHashSet<>(threads);
    if (counts.isEmpty()) {
      counts.add(1);
      counts.add(Runtime.getRuntime().availableProcessors());
    }
    Report.requireFonts();
    RunFolder folder = RunFolder.create("roofline");
    Provenance provenance =
        Provenance.begin("roofline", "mvn -pl rnn-bench exec -Dargs=\"roofline\"");
    folder.writeJson(RunFolder.PROVENANCE, provenance);
    List<CeilingRow> rows = new ArrayList<>();
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    for (int bits : new int[] {512, 256, 128}) {
      if (bits <= widest) {
        for (int count : counts) {
          CeilingRow row = measure("roofline", bits, count);
          rows.add(row);
          folder.writeJson(RunFolder.ROOFLINE, rows);
          System.out.println(Text.ceiling(row));
        }
      }
    }
    folder.writeJson(
        RunFolder.PROVENANCE,
        provenance.end((System.nanoTime() - start) / 1_000_000_000, List.of()));
    System.out.println("Report: " + Report.write(folder));
    return 0;
  }

  /**
   * Measures every ceiling in a process of its own, since a width is a constant of a process.
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
            RooflineCommand.class,
            List.of(moment, Integer.toString(threads)),
            Map.of());
    List<CeilingRow> rows = new ArrayList<>();
    ForkedJvm.run(job, line -> rows.add(JSON.readValue(line, CeilingRow.class)));
    return rows.getFirst();
  }

  /**
   * The measuring process: prints one row as JSON.
   *
   * @param args what to call the row, and the number of threads
   */
  public static void main(String[] args) {
    ForkedJvm.endWithParent();
    int threads = Integer.parseInt(args[1]);
    Ceilings ceilings = new Ceilings(threads);
    for (int i = 0; i < SAMPLES; i++) {
      ceilings.sampleFma();
      ceilings.levels().forEach(ceilings::sample);
    }
    Map<String, Double> gigabytes = new TreeMap<>();
    Map<String, Long> capacity = new TreeMap<>();
    for (Caches.Level level : ceilings.levels()) {
      gigabytes.put(level.name(), ceilings.gigabytes(level));
      capacity.put(level.name(), level.bytes());
    }
    System.out.println(
        JSON.writeValueAsString(
            new CeilingRow(
                args[0], Lanes.BITS, threads, ceilings.gigaflops(), gigabytes, capacity)));
  }
}
