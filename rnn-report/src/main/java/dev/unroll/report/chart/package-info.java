/** Charts as PNG: one look and one palette. */
@NullMarked
package dev.unroll.report.chart;

import org.jspecify.annotations.NullMarked;
