/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.peer;

import org.jspecify.annotations.NullMarked;
