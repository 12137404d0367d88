/** Cells as somebody outside writes them, in the easy form. */
@NullMarked
package dev.unroll.guest;

import org.jspecify.annotations.NullMarked;
