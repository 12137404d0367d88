/** Networks unrolled over time, forward and backward, on any number of threads. */
@NullMarked
package dev.unroll.run;

import org.jspecify.annotations.NullMarked;
