/** What the core costs: benchmarks, their tables, charts and report. */
@NullMarked
package dev.unroll.bench;

import org.jspecify.annotations.NullMarked;
