/** Tests of how many streams are measured. */
@NullMarked
package dev.unroll.bench.serve;

import org.jspecify.annotations.NullMarked;
