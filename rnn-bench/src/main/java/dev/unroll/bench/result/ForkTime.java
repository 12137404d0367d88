package dev.unroll.bench.result;

import dev.unroll.report.run.Json;

/**
 * The time of one workload in one of several processes that run the same work.
 *
 * @param fork which process, from 1
 * @param visit how many times the process had come to this workload, from 1
 * @param workload the cell, mode, shape and threads in one line
 * @param micros tenth percentile of the visit's calls, in microseconds
 */
public record ForkTime(int fork, int visit, String workload, double micros) {
  /** Checks that a file left nothing out. */
  public ForkTime {
    Json.requireAll(workload);
  }
}
