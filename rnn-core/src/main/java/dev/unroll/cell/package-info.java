/** The equations of one step, the parameters they use and how parameters are initialized. */
@NullMarked
package dev.unroll.cell;

import org.jspecify.annotations.NullMarked;
