package dev.unroll.report.chart;

import java.awt.BasicStroke;

/** How a line is drawn: what is measured solid, what is derived from it dashed or dotted. */
public enum Line {
  /** Unbroken. */
  SOLID(1, 0),
  /** Long dashes. */
  DASHED(12, 7),
  /** Dots. */
  DOTTED(3, 6);

  private final float dash;
  private final float gap;

  Line(float dash, float gap) {
    this.dash = dash;
    this.gap = gap;
  }

  BasicStroke stroke() {
    return new BasicStroke(
        3.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {dash, gap}, 0);
  }
}
