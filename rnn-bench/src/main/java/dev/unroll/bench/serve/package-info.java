/**
 * Many streams, one step at a time: the load that they make, and how long a step takes under it.
 */
@NullMarked
package dev.unroll.bench.serve;

import org.jspecify.annotations.NullMarked;
