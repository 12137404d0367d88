/** Intervals of what was measured, and numbers as text. */
@NullMarked
package dev.unroll.report.number;

import org.jspecify.annotations.NullMarked;
