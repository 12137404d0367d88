/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench;

import org.jspecify.annotations.NullMarked;
