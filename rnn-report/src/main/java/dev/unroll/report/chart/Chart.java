package dev.unroll.report.chart;

import org.knowm.xchart.internal.chartpart.IChart;

/**
 * A chart to be written beside the results.
 *
 * @param file the name without its ending
 * @param caption what it shows, one sentence
 * @param drawing the chart
 */
public record Chart(String file, String caption, IChart drawing) {}
