/** Experiments on a Spark cluster: sweeps of trials, and trainings that executors share. */
@NullMarked
package dev.unroll.cluster;

import org.jspecify.annotations.NullMarked;
