package dev.unroll.bench.report;

import dev.unroll.bench.result.Point;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import java.util.SortedSet;

/** A run's tables, short, for a console. */
final class Console {
  private Console() {}

  static String text(Measured run) {
    StringBuilder text = new StringBuilder();
    SerialLaw.laws(run)
        .forEach(
            (line, law) -> {
              if (text.isEmpty()) {
                text.append(
                    Numbers.format(
                        "%-9s %-9s %4s %5s %16s %12s %18s %8s%n",
                        "cell", "mode", "B", "H", "us a step", "floor / step", "fixed us", "R2"));
              }
              text.append(
                  Numbers.format(
                      "%-9s %-9s %4d %5d %8.3f ± %5.3f %12s %9.1f ± %6.1f %8.4f%s%n",
                      CellNames.label(line.cell()),
                      Measured.lower(line.mode()),
                      line.batch(),
                      line.hidden(),
                      law.slope(),
                      law.slopeError(),
                      run.ofTheFloor(line.step(), law.slope()),
                      law.fixed(),
                      law.fixedError(),
                      law.rSquared(),
                      law.straight() ? "" : "  NOT STRAIGHT"));
            });
    SortedSet<Integer> threads = run.values(Measured.BATCH, "threads");
    if (threads.isEmpty()) {
      return OverTimeTable.sentence(run).stripTrailing();
    }
    text.append(Numbers.format("%n%-9s %-9s %4s", "cell", "mode", "B"));
    threads.forEach(n -> text.append(Numbers.format(" %23s", "us a call, " + n + " thr")));
    text.append('\n');
    for (String mode : Measured.MODES) {
      for (String cell : Measured.CELLS) {
        for (int batch : run.values(Measured.BATCH, "batch")) {
          text.append(
              Numbers.format("%-9s %-9s %4d", CellNames.label(cell), Measured.lower(mode), batch));
          for (int n : threads) {
            text.append(
                run.batch(cell, mode, batch, n)
                    .map(p -> Numbers.format(" %12.1f ± %8.1f", p.score(), p.error()))
                    .orElse(" ".repeat(24)));
          }
          text.append('\n');
        }
      }
    }
    for (Point p : run.along("steps", Measured.EPOCH)) {
      text.append(
          Numbers.format(
              "%-9s %-9s T=%d: %.1f ± %.1f ms%n",
              CellNames.label(p.text("cell")), "epoch", p.param("steps"), p.score(), p.error()));
    }
    run.doubtful().forEach(warning -> text.append("Warning: ").append(warning).append(".\n"));
    return text.toString().stripTrailing();
  }
}
