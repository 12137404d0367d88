package dev.unroll.report.chart;

import java.awt.Color;
import java.util.List;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The palette: what is measured takes a colour, what it is held against is black or grey. */
public enum Ink {
  /** Blue: the tanh RNN wherever cells are compared. */
  BLUE(0x0072B2, SeriesMarkers.CIRCLE),
  /** Vermilion: the LSTM. */
  VERMILION(0xD55E00, SeriesMarkers.DIAMOND),
  /** Bluish green: the GRU. */
  GREEN(0x009E73, SeriesMarkers.SQUARE),
  /** Reddish purple. */
  PURPLE(0xCC79A7, SeriesMarkers.TRIANGLE_UP),
  /** Orange. */
  ORANGE(0xE69F00, SeriesMarkers.TRIANGLE_DOWN),
  /** Sky blue. */
  SKY(0x56B4E9, SeriesMarkers.CROSS),
  /** Indigo. */
  INDIGO(0x332288, SeriesMarkers.PLUS),
  /** Wine. */
  WINE(0x882255, SeriesMarkers.TRAPEZOID),
  /** Olive. */
  OLIVE(0x999933, SeriesMarkers.OVAL),
  /** Black, dashed: what others claim. */
  CLAIMED(0x000000, SeriesMarkers.NONE),
  /** Grey, dotted: chance, a baseline or a limit. */
  REFERENCE(0x767676, SeriesMarkers.NONE);

  private static final List<Ink> MEASURED =
      List.of(BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INDIGO, WINE, OLIVE);

  private final Color color;

  @SuppressWarnings("ImmutableEnumChecker") // markers hold no state
  private final Marker marker;

  Ink(int rgb, Marker marker) {
    this.color = new Color(rgb);
    this.marker = marker;
  }

  /** The colour of the {@code index}-th measured series; nine differ. */
  public static Ink of(int index) {
    return MEASURED.get(index % MEASURED.size());
  }

  /** How often all colours have been used before the {@code index}-th series. */
  static int round(int index) {
    return index / MEASURED.size();
  }

  Color color() {
    return color;
  }

  Marker marker() {
    return marker;
  }

  Color faint() {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), 48);
  }

  Line line() {
    return switch (this) {
      case CLAIMED -> Line.DASHED;
      case REFERENCE -> Line.DOTTED;
      default -> Line.SOLID;
    };
  }
}
