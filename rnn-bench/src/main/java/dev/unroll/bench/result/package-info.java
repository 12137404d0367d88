/** What a run leaves: its folder, its provenance, and how both are written. */
@NullMarked
package dev.unroll.bench.result;

import org.jspecify.annotations.NullMarked;
