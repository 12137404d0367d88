package dev.unroll.bench.benchmark;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A benchmark of every cell, or its state; a test holds the list against the registry. */
@State(Scope.Benchmark)
public abstract class EveryCell extends Timed {
  /** The cell's name in the registry. */
  @Param({
    "rnn_tanh",
    "rnn_relu",
    "lstm",
    "gru",
    "slstm",
    "min_gru",
    "min_gru_signed",
    "min_lstm",
    "indrnn",
    "para_gru",
    "para_lstm",
    "rg_lru",
    "lru",
    "gated_delta",
    "gated_delta_signed",
    "delta_product2"
  })
  public String cell;

  /** For the benchmarks. */
  protected EveryCell() {}
}
