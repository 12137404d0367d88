/** The equations of one step, the parameters they use and how those begin. */
@NullMarked
package dev.unroll.cell;

import org.jspecify.annotations.NullMarked;
