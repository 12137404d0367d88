package dev.unroll.bench.benchmark;

import dev.unroll.bench.report.Report;
import dev.unroll.bench.report.Text;
import dev.unroll.bench.result.CeilingRow;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.bench.roofline.CeilingsFork;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.RunFolder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code roofline}: what the machine can do at most, at each vector width. */
@Command(
    name = "roofline",
    description = {
      "Measures what this machine can do at most.",
      "That is arithmetic on registers at 512, 256 and 128 bits and reading from each cache level"
          + " and memory; the roofline is drawn with the points of the newest run."
    },
    footer = {"", "Example:", "  roofline --threads 1,2"},
    mixinStandardHelpOptions = true)
public final class RooflineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

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
    Set<Integer> counts = new LinkedHashSet<>(threads);
    if (counts.isEmpty()) {
      counts.add(1);
      counts.add(Runtime.getRuntime().availableProcessors());
    }
    Charts.requireFonts();
    RunFolder folder = Runs.next(destination.root(Runs.BENCH), "roofline");
    Progress.announce(
        System.out,
        "The machine's ceilings at each vector width on %s threads".formatted(counts),
        "about a minute",
        folder.path());
    Session session = new Session(folder, Run.begin("roofline", Program.words(spec)));
    List<CeilingRow> rows = new ArrayList<>();
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    for (int bits : new int[] {512, 256, 128}) {
      if (bits <= widest) {
        for (int count : counts) {
          CeilingRow row = CeilingsFork.measure("roofline", bits, count);
          rows.add(row);
          folder.writeJson(Runs.ROOFLINE, rows);
          System.out.println(Text.ceiling(row));
        }
      }
    }
    session.end(List.of());
    System.out.println("Report: " + Report.write(folder));
    return 0;
  }
}
