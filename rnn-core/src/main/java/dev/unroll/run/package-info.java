/** Time and cores: a network unrolled over its sequence, forward and backward. */
@NullMarked
package dev.unroll.run;

import org.jspecify.annotations.NullMarked;
