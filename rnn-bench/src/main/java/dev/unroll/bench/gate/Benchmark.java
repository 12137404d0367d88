package dev.unroll.bench.gate;

/** What a gate compares on both sides. */
interface Benchmark {
  /** What it is called in reports. */
  String name();

  /** How many threads work in a call. */
  int threads();
}
