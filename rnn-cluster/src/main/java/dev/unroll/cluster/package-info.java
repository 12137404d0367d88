/** Sweeps of experiments on a Spark cluster. */
@NullMarked
package dev.unroll.cluster;

import org.jspecify.annotations.NullMarked;
