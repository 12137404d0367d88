/** Tests of the package of the same name. */
@NullMarked
package dev.unroll.bench.report;

import org.jspecify.annotations.NullMarked;
