/** Rivals behind one small interface, and the interleaved measurement that compares them. */
@NullMarked
package dev.unroll.bench.peer;

import org.jspecify.annotations.NullMarked;
