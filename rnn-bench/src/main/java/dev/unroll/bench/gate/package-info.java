/** A throughput gate: two builds, measured in turns, judged benchmark by benchmark. */
@NullMarked
package dev.unroll.bench.gate;

import org.jspecify.annotations.NullMarked;
