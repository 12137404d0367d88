package dev.unroll.report.chart;

import java.awt.geom.Rectangle2D;
import org.knowm.xchart.internal.chartpart.Annotation;

/** What is drawn over a finished chart. */
abstract class Overlay extends Annotation {
  Overlay() {
    super(false);
  }

  /** Where the chart's data are, in pixels. */
  Rectangle2D plot() {
    double x = getXAxisScreenValueForMin();
    double y = getYAxisScreenValueForMin();
    return new Rectangle2D.Double(
        x, y, getXAxisScreenValueForMax() - x, getYAxisScreenValueForMax() - y);
  }
}
