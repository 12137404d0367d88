@NullMarked
package dev.unroll.report.chart;

import org.jspecify.annotations.NullMarked;
