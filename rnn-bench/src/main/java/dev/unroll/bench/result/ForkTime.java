package dev.unroll.bench.result;

/**
 * The time of one workload in one of several processes that run the same work.
 *
 * @param fork which process, from 1
 * @param workload the cell, mode, shape and threads in one line
 * @param micros tenth percentile of its calls, in microseconds
 */
public record ForkTime(int fork, String workload, double micros) {}
