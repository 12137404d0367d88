/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.gate;

import org.jspecify.annotations.NullMarked;
