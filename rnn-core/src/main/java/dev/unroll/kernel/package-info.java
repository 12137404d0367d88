/** Speed: static loops on flat arrays. Knows nothing of cells or time. */
@NullMarked
package dev.unroll.kernel;

import org.jspecify.annotations.NullMarked;
