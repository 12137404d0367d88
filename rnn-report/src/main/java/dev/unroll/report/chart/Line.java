package dev.unroll.report.chart;

import java.awt.BasicStroke;

/**
 * How a line is drawn: what is measured solid while colours last, what is derived from it dashed or
 * dotted.
 *
 * @param width in pixels
 * @param dash length of a dash
 * @param gap length of the gap after it; 0 for an unbroken line
 */
public record Line(float width, float dash, float gap) {
  private static final float WIDTH = 3.5f;
  private static final float EDGE = 1.5f;

  /** Unbroken. */
  public static final Line SOLID = new Line(WIDTH, 1, 0);

  /** Long dashes. */
  public static final Line DASHED = new Line(WIDTH, 12, 7);

  /** Dots. */
  public static final Line DOTTED = new Line(WIDTH, 3, 6);

  /** For intervals. */
  static final Line THIN = new Line(2, 1, 0);

  /** An unbroken line so much wider that it is seen below so many others. */
  static Line below(int others) {
    return new Line(WIDTH + 2 * EDGE * others, 1, 0);
  }

  /** The same for the series of a later round through the colours: dashed, then dotted. */
  Line ofRound(int round) {
    Line broken = round == 1 ? DASHED : DOTTED;
    return round == 0 ? this : new Line(width, broken.dash, broken.gap);
  }

  /** A broken line for what a chart is held against: dots first, longer dashes for each further. */
  static Line reference(int before) {
    return new Line(WIDTH, DOTTED.dash + 17 * before, DOTTED.gap + 2 * before);
  }

  BasicStroke stroke() {
    return new BasicStroke(
        width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {dash, gap}, 0);
  }
}
