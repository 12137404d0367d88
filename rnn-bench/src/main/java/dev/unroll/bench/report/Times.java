package dev.unroll.bench.report;

import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.result.Comparison;
import dev.unroll.bench.result.Point;
import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;

/**
 * Every time of a call that the complete runs of benchmarks hold.
 *
 * @param runs what is measured beside other libraries first, for that answers most; the newest
 *     first
 * @param times of each workload
 */
record Times(List<Source> runs, List<Time> times) {
  /** A run whose times the page shows. */
  public record Source(
      String name,
      String machine,
      String page,
      String commit,
      String committed,
      List<String> doubts) {}

  /** The time of a call of one workload; in microseconds. */
  record Time(
      int run,
      String cell,
      String mode,
      int batch,
      int steps,
      int input,
      int hidden,
      int threads,
      double micros,
      double low,
      double high,
      double floor,
      List<Rival> rivals) {}

  /** Another library at it. */
  record Rival(String name, double micros, double ratio, double low, double high) {}

  /**
   * Reads runs.
   *
   * @param results the folder of all results
   * @param roots folders of runs
   */
  static Times of(Path results, List<Path> roots) {
    List<Source> sources = new ArrayList<>();
    List<Time> times = new ArrayList<>();
    for (String file : List.of(Runs.PEERS, Runs.JMH)) {
      roots.stream()
          .flatMap(root -> Readme.complete(root, file))
          .forEach(
              folder -> {
                List<Time> own =
                    file.equals(Runs.PEERS)
                        ? beside(folder, sources.size())
                        : alone(folder, sources.size());
                sources.add(source(results, folder));
                times.addAll(own);
              });
    }
    return new Times(sources, times);
  }

  private static Source source(Path results, RunFolder folder) {
    Run run = Run.of(folder);
    return new Source(
        folder.name(),
        run.machine(),
        results.relativize(folder.path()).toString().replace('\\', '/') + "/" + RunReport.PAGE,
        run.provenance().version(),
        run.provenance().committed(),
        Stream.concat(run.notes().stream(), Report.measured(folder).doubtful().stream()).toList());
  }

  private static List<Time> beside(RunFolder folder, int run) {
    List<Comparison> all = folder.read(Runs.PEERS, new TypeReference<>() {});
    return PeerTables.byWorkload(all).values().stream()
        .map(
            workload -> {
              Comparison c = workload.getFirst();
              return new Time(
                  run,
                  CellNames.label(c.cell()),
                  c.mode(),
                  c.batch(),
                  c.steps(),
                  c.inputSize(),
                  c.hiddenSize(),
                  c.threads(),
                  c.oursMicros(),
                  Double.NaN,
                  Double.NaN,
                  // One that was undercut is no floor.
                  c.ceilingFraction() > 1 ? Double.NaN : c.ceilingFraction() * c.oursMicros(),
                  workload.stream()
                      .map(
                          one ->
                              new Rival(
                                  one.peer(),
                                  one.peerMicros(),
                                  one.ratio(),
                                  one.ratioLow(),
                                  one.ratioHigh()))
                      .toList());
            })
        .toList();
  }

  private static List<Time> alone(RunFolder folder, int run) {
    Measured measured = Report.measured(folder);
    return Stream.of(Measured.BATCH, Measured.LENGTH)
        .flatMap(benchmark -> measured.of(benchmark).stream())
        .map(point -> time(measured, point, run))
        .toList();
  }

  private static Time time(Measured measured, Point point, int run) {
    Workload workload = Measured.workload(point);
    return new Time(
        run,
        CellNames.label(workload.cell()),
        Measured.lower(workload.mode().name()),
        workload.shape().batch(),
        workload.shape().steps(),
        workload.shape().inputSize(),
        workload.shape().hiddenSize(),
        workload.threads(),
        point.score(),
        point.low(),
        point.high(),
        measured.floor(workload).orElse(Double.NaN),
        List.of());
  }
}
