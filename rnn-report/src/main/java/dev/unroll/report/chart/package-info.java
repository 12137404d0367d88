/** Charts as PNG: one look, one palette and one name for each cell. */
@NullMarked
package dev.unroll.report.chart;

import org.jspecify.annotations.NullMarked;
