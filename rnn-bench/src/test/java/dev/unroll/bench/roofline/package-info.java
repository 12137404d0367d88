/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.roofline;

import org.jspecify.annotations.NullMarked;
