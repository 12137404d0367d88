/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.machine;

import org.jspecify.annotations.NullMarked;
