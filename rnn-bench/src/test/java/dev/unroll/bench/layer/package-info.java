/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.layer;

import org.jspecify.annotations.NullMarked;
