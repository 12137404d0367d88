/** One recurrent layer's work: its sizes, its numbers, and the check before anything is timed. */
@NullMarked
package dev.unroll.bench.layer;

import org.jspecify.annotations.NullMarked;
