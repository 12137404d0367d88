/** The machine and the JVMs that measure it. */
@NullMarked
package dev.unroll.bench.machine;

import org.jspecify.annotations.NullMarked;
