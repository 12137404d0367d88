/** What a run leaves: its state, its files and the figures in them. */
@NullMarked
package dev.unroll.bench.result;

import org.jspecify.annotations.NullMarked;
