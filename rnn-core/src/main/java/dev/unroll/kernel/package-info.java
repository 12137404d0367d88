/**
 * Speed: static loops on flat arrays. Knows nothing of cells or time.
 *
 * <p>Arguments come in one order: outputs, inputs, sizes. Only the innermost tiles have another,
 * for C2.
 */
@NullMarked
package dev.unroll.kernel;

import org.jspecify.annotations.NullMarked;
