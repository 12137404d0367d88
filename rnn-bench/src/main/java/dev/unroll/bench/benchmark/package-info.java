/** The benchmarks, one idea in each, and the run that measures them with JMH. */
@NullMarked
package dev.unroll.bench.benchmark;

import org.jspecify.annotations.NullMarked;
