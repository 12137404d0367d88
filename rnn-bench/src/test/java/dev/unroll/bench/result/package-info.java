/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.result;

import org.jspecify.annotations.NullMarked;
