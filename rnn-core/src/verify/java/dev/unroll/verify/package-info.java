/**
 * What the library is held against: plain loops in double precision and files that PyTorch made. In
 * no jar of the core; tests, benchmarks and the command {@code verify-golden} compile it.
 */
@NullMarked
package dev.unroll.verify;

import org.jspecify.annotations.NullMarked;
