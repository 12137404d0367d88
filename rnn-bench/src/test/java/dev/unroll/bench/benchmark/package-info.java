/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.benchmark;

import org.jspecify.annotations.NullMarked;
