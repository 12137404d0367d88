package dev.unroll.bench.benchmark;

import java.util.Arrays;
import java.util.List;

/** What a run of benchmarks measures. */
enum Plan {
  /** Every question, at one size. */
  QUICK("quick", "under 3 minutes"),
  /** Every length, batch and number of threads, and all of time at once. */
  FULL("full", "under 30 minutes"),
  /** Every cell at every size, on one thread. */
  CELLS("cells", "under 12 minutes"),
  /** Every cell at one size, on one thread. */
  CELLS_QUICK("cells-quick", "under 3 minutes"),
  /** Cells with a diagonal recurrence by Newton's method beside step by step. */
  NEWTON("newton", "about 2 minutes");

  private final String kind;
  private final String duration;

  Plan(String kind, String duration) {
    this.kind = kind;
    this.duration = duration;
  }

  /** The plan of a run that is of a kind. */
  static Plan of(String kind) {
    return Arrays.stream(values())
        .filter(plan -> plan.kind.equals(kind))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no run of benchmarks is '" + kind + "'"));
  }

  /** What its runs are called. */
  String kind() {
    return kind;
  }

  /** How long it takes, in words. */
  String duration() {
    return duration;
  }

  /** The options that ask for it. */
  List<String> options() {
    return this == CELLS_QUICK ? List.of("--cells", "--quick") : List.of("--" + kind);
  }

  /** What it measures. */
  List<Setting> settings(List<Integer> threads) {
    return switch (this) {
      case QUICK -> Setting.quick(threads);
      case FULL -> Setting.full(threads);
      case CELLS -> CellSettings.full();
      case CELLS_QUICK -> CellSettings.quick();
      case NEWTON -> Setting.newton(threads);
    };
  }
}
