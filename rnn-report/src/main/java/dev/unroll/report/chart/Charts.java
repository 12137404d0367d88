package dev.unroll.report.chart;

import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.AxesChart;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.internal.series.Series;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How every chart looks: large type that is readable at half size, and the palette of Okabe and Ito
 * (2008), whose colours stay apart for colour-blind readers; markers and dashes tell series apart
 * once more.
 */
public final class Charts {
  /** Colours of an indexed picture, those kept as they are, and the step between other shades. */
  private static final int PALETTE = 256;

  private static final int KEPT = 160;

  private static final int SHADE = 17;

  private static final String INTERVAL = " interval";
  private static final String LAST_ONLY =
      " Of so many lines only the intervals of the last points are drawn, at the right in the"
          + " legend's order; the numbers are the last means.";
  private static final double LOG_MARGIN = 1.2;
  private static final double FEW_DECADES = 2.5;

  /** Where an end is drawn that is infinite. */
  static final double OPEN = 1e9;

  /** Of the axis across, at most. */
  private static final int LABELS = 11;

  /** A share of the axis across that nobody sees. */
  private static final double ODD = 1e-6;

  static final int WIDTH = 1000;
  static final int HEIGHT = 600;
  private static final int LEGEND_MARK = 55;
  static final int LEGEND_LETTER = 10;

  /** About the width of an upright axis with its labels. */
  private static final int AXIS = 80;

  private static final FontRenderContext PLAIN = new FontRenderContext(null, true, true);

  private Charts() {}

  /** An empty chart of lines. */
  public static XYChart xy(String title, String x, String y) {
    XYChart chart = new XYChart(WIDTH, HEIGHT);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Line);
    head(chart, title, x, y);
    return chart;
  }

  /** An empty chart of lines whose many or long names stand to the right, one below the other. */
  public static XYChart xyOfMany(String title, String x, String y) {
    XYChart chart = xy(title, x, y);
    legendAtTheSide(chart.getStyler());
    return chart;
  }

  static void legendAtTheSide(Styler styler) {
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendLayout(Styler.LegendLayout.Vertical);
  }

  /** Adds a line with a marker at each point. */
  public static void points(XYChart chart, String name, Ink ink, double[] x, double[] y) {
    points(chart, name, ink, ink.line(), x, y);
  }

  /** Adds a line of this kind with a marker at each point. */
  public static void points(
      XYChart chart, String name, Ink ink, Line line, double[] x, double[] y) {
    series(chart, name, ink, line, x, y).setMarker(ink.marker()).setMarkerColor(ink.color());
  }

  /** Adds a line without markers, for curves of many points. */
  public static void curve(XYChart chart, String name, Ink ink, double[] x, double[] y) {
    curve(chart, name, ink, ink.line(), x, y);
  }

  /** Adds a line of this kind without markers. */
  public static void curve(XYChart chart, String name, Ink ink, Line line, double[] x, double[] y) {
    series(chart, name, ink, line, x, y).setMarker(SeriesMarkers.NONE);
  }

  /** Adds a level line that the others are held against; each of a chart is broken otherwise. */
  public static void reference(XYChart chart, String name, double from, double to, double height) {
    long before =
        chart.getSeriesCollection().stream()
            .filter(series -> Ink.REFERENCE.color().equals(series.getLineColor()))
            .count();
    double[] heights = {height, height};
    Line line = Line.reference((int) before);
    curve(chart, name, Ink.REFERENCE, line, new double[] {from, to}, heights);
  }

  /** Adds points without a line. */
  public static void scatter(XYChart chart, String name, Ink ink, double[] x, double[] y) {
    scatter(chart, name, ink, ink.marker(), x, y);
  }

  static void scatter(XYChart chart, String name, Ink ink, Marker marker, double[] x, double[] y) {
    XYSeries series = series(chart, name, ink, ink.line(), x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    series.setMarker(marker).setMarkerColor(ink.color());
  }

  private static XYSeries series(
      XYChart chart, String name, Ink ink, Line line, double[] x, double[] y) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setLineColor(ink.color());
    series.setLineStyle(line.stroke());
    return series;
  }

  /** Adds an upright stroke for each interval of {@code of}, whose ends need not lie alike. */
  public static void intervals(
      XYChart chart, String of, Ink ink, double[] x, double[] low, double[] high) {
    for (int i = 0; i < x.length; i++) {
      interval(chart, of, ink, new double[] {x[i], x[i]}, new double[] {low[i], high[i]});
    }
  }

  /** Adds a stroke for an interval of {@code of}. */
  static void interval(XYChart chart, String of, Ink ink, double[] x, double[] y) {
    String name = of + INTERVAL + chart.getSeriesCollection().size();
    XYSeries series = series(chart, name, ink, Line.THIN, x, y);
    series.setMarker(SeriesMarkers.NONE);
    series.setShowInLegend(false);
  }

  /** Makes both axes logarithmic, from the least that was added to the most. */
  public static void logLog(XYChart chart) {
    XYStyler styler = chart.getStyler();
    styler.setXAxisLogarithmic(true);
    DoubleSummaryStatistics x = range(chart, XYSeries::getXData);
    styler.setXAxisMin(x.getMin() / LOG_MARGIN).setXAxisMax(x.getMax() * LOG_MARGIN);
    styler.setXAxisLogarithmicDecadeOnly(false);
    chart.setCustomXAxisTickLabelsFormatter(decades(x.getMin(), x.getMax()));
    logY(chart);
  }

  /** Makes the upright axis logarithmic, from the least that was added to the most. */
  public static void logY(XYChart chart) {
    XYStyler styler = chart.getStyler();
    styler.setYAxisLogarithmic(true);
    DoubleSummaryStatistics y = range(chart, XYSeries::getYData);
    styler.setYAxisMin(y.getMin() / LOG_MARGIN).setYAxisMax(y.getMax() * LOG_MARGIN);
    styler.setYAxisLogarithmicDecadeOnly(false);
    chart.setCustomYAxisTickLabelsFormatter(decades(y.getMin(), y.getMax()));
  }

  /** Names the whole decades up to {@code most}, and 2 and 5 of each where there are few. */
  static Function<Double, String> decades(double least, double most) {
    boolean few = Math.log10(most / least) < FEW_DECADES;
    return value -> {
      double unit = Math.pow(10, Math.floor(Math.log10(value * (1 + 1e-9))));
      long digit = Math.round(value / unit);
      boolean named = digit == 1 || (few && (digit == 2 || digit == 5));
      if (!named || value > most * LOG_MARGIN) {
        return "";
      }
      return unit < 1 ? Numbers.plain(digit * unit) : Numbers.format("%,.0f", digit * unit);
    };
  }

  private static DoubleSummaryStatistics range(XYChart chart, Function<XYSeries, double[]> data) {
    return chart.getSeriesCollection().stream()
        .flatMapToDouble(series -> Arrays.stream(data.apply(series)))
        .summaryStatistics();
  }

  /**
   * Finishes a chart: gives lines limits that neither a spike nor a wide interval decides, where
   * they have none.
   *
   * @return what the caption has to say of it, with a blank before it: what lies beyond the limits,
   *     what the places without a value in a map mean; empty where there is nothing to say
   */
  public static String note(IChart chart) {
    return switch (chart) {
      case XYChart lines -> Limits.set(lines) + (hidesBands(lines) ? LAST_ONLY : "");
      case HeatMap map -> map.note();
      default -> "";
    };
  }

  static boolean isInterval(XYSeries series) {
    return series.getName().contains(INTERVAL);
  }

  static boolean isIntervalOf(XYSeries interval, XYSeries of) {
    return interval.getName().matches(Pattern.quote(of.getName() + INTERVAL) + "\\d*");
  }

  /**
   * Adds a band from {@code low} to {@code high}, which may be infinite; draw it before its line.
   */
  public static void band(
      XYChart chart, String of, Ink ink, double[] x, double[] low, double[] high) {
    int n = x.length;
    double[] outlineX = new double[2 * n];
    double[] outlineY = new double[2 * n];
    for (int i = 0; i < n; i++) {
      outlineX[i] = x[i];
      outlineY[i] = Math.max(low[i], -OPEN);
      outlineX[2 * n - 1 - i] = x[i];
      outlineY[2 * n - 1 - i] = Math.min(high[i], OPEN);
    }
    XYSeries series = chart.addSeries(of + INTERVAL, outlineX, outlineY);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(ink.faint());
    series.setFillColor(ink.faint());
    series.setShowInLegend(false);
  }

  /** Paints a band no more; its values stay among the chart's data. */
  static void hideBand(XYChart chart, String of) {
    Color none = new Color(0, 0, 0, 0);
    XYSeries band = chart.getSeries(of + INTERVAL);
    band.setLineColor(none);
    band.setFillColor(none);
  }

  private static boolean hidesBands(XYChart chart) {
    return chart.getSeriesCollection().stream()
        .filter(Charts::isInterval)
        .map(XYSeries::getFillColor)
        .anyMatch(fill -> fill != null && fill.getAlpha() == 0);
  }

  /**
   * Adds an upright stroke from {@code low} to {@code high}: where a faithful implementation lands.
   *
   * @param name for the legend, or blank for a further stroke of the same meaning
   */
  public static void expected(XYChart chart, String name, double x, double low, double high) {
    String id = name.isBlank() ? "expected at " + x + ", " + low : name;
    XYSeries series = chart.addSeries(id, new double[] {x, x}, new double[] {low, high});
    series.setLineColor(Ink.CLAIMED.color());
    series.setLineStyle(new BasicStroke(7, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
    series.setMarker(SeriesMarkers.NONE);
    series.setShowInLegend(!name.isBlank());
  }

  /** Names a chart and its axes, and gives it the look of all. */
  static void head(
      AxesChart<? extends AxesChartStyler, ?> chart, String title, String x, String y) {
    chart.setTitle(title);
    chart.setXAxisTitle(x);
    chart.setYAxisTitle(y);
    style(chart.getStyler());
  }

  /** A colour as pages write it. */
  static String hex(Color colour) {
    return "#%06x".formatted(colour.getRGB() & 0xFFFFFF);
  }

  private static void style(AxesChartStyler styler) {
    styler.setBaseFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 22));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 20));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(new Color(0xDDDDDD));
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartTitleBoxVisible(false);
    styler.setXAxisMaxLabelCount(LABELS);
    styler.setMarkerSize(11);
    styler.setLocale(Locale.ROOT);
  }

  /** A legend too wide for one line goes to the side, and a title too wide gets smaller letters. */
  private static void arrange(org.knowm.xchart.internal.chartpart.Chart<?, ?> drawing) {
    int[] widths =
        drawing.getSeriesCollection().stream()
            .filter(Series::isShowInLegend)
            .mapToInt(series -> LEGEND_MARK + LEGEND_LETTER * series.getLabel().length())
            .toArray();
    Styler styler = drawing.getStyler();
    int all = drawing.getWidth();
    if (Arrays.stream(widths).sum() > all) {
      legendAtTheSide(styler);
    }
    boolean side = styler.getLegendPosition() == Styler.LegendPosition.OutsideE;
    int legend = side ? Arrays.stream(widths).max().orElse(0) : 0;
    // The title is centred above the data, between the upright axis and the legend.
    double room = Math.max(all / 2., all - Math.max(legend, AXIS));
    Font font = styler.getChartTitleFont();
    double width = font.getStringBounds(drawing.getTitle(), PLAIN).getWidth();
    if (width > room) {
      styler.setChartTitleFont(font.deriveFont((float) (font.getSize2D() * room / width)));
    }
  }

  /** Writes {@code NAME.png}. */
  public static void write(Path directory, Chart chart) throws IOException {
    if (chart.drawing() instanceof org.knowm.xchart.internal.chartpart.Chart<?, ?> drawing) {
      arrange(drawing);
    }
    AtomicFile.write(directory.resolve(chart.file() + ".png"), png(painted(chart.drawing())));
  }

  static BufferedImage painted(IChart drawing) {
    if (!(drawing instanceof XYChart lines) || !evenAndMany(lines)) {
      return BitmapEncoder.getBufferedImage(drawing);
    }
    // Where all values lie evenly XChart labels some of them, as 100, 5,100 and 10,100. A further
    // value off that grid makes it choose round numbers.
    DoubleSummaryStatistics x = range(lines, XYSeries::getXData);
    double[] odd = {x.getMin(), x.getMin() + ODD * (x.getMax() - x.getMin())};
    XYSeries unseen = lines.addSeries("unseen", odd, new double[] {Double.NaN, Double.NaN});
    unseen.setMarker(SeriesMarkers.NONE).setShowInLegend(false);
    try {
      return BitmapEncoder.getBufferedImage(drawing);
    } finally {
      lines.removeSeries("unseen");
    }
  }

  /** Whether there are more places than labels, with the same distance from each to the next. */
  private static boolean evenAndMany(XYChart lines) {
    double[] x =
        lines.getSeriesCollection().stream()
            .flatMapToDouble(series -> Arrays.stream(series.getXData()))
            .sorted()
            .distinct()
            .toArray();
    if (x.length <= LABELS || lines.getStyler().isXAxisLogarithmic()) {
      return false;
    }
    double step = (x[x.length - 1] - x[0]) / (x.length - 1);
    return IntStream.range(0, x.length)
        .allMatch(i -> Math.abs(x[i] - x[0] - i * step) < step / 1000);
  }

  /**
   * The picture in half the bytes, with a palette: its most frequent colours as they are, all
   * others, such as the edges of letters, rounded to 16 shades of red, green and blue; as it is
   * where that leaves more than a palette holds.
   */
  static byte[] png(BufferedImage image) throws IOException {
    int width = image.getWidth();
    int[] pixels = image.getRGB(0, 0, width, image.getHeight(), null, 0, width);
    Set<Integer> kept = frequent(pixels);
    Map<Integer, Byte> places = new LinkedHashMap<>();
    byte[] indices = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      if (i > 0 && pixels[i] == pixels[i - 1]) { // as most are
        indices[i] = indices[i - 1];
      } else {
        int colour = kept.contains(pixels[i]) ? pixels[i] : rounded(pixels[i]);
        indices[i] = places.computeIfAbsent(colour, key -> (byte) places.size());
      }
    }
    BufferedImage small = image;
    if (places.size() <= PALETTE) {
      int[] palette = places.keySet().stream().mapToInt(Integer::intValue).toArray();
      small =
          new BufferedImage(
              width,
              image.getHeight(),
              BufferedImage.TYPE_BYTE_INDEXED,
              new IndexColorModel(
                  Byte.SIZE, palette.length, palette, 0, true, -1, DataBuffer.TYPE_BYTE));
      small.getRaster().setDataElements(0, 0, width, image.getHeight(), indices);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(small, "png", bytes);
    return bytes.toByteArray();
  }

  private static Set<Integer> frequent(int[] pixels) {
    Map<Integer, Integer> counts = new LinkedHashMap<>();
    int from = 0;
    for (int i = 1; i <= pixels.length; i++) {
      if (i == pixels.length || pixels[i] != pixels[from]) {
        counts.merge(pixels[from], i - from, Integer::sum);
        from = i;
      }
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
        .limit(KEPT)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  private static int rounded(int pixel) {
    int colour = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      colour |= (Math.round((pixel >>> shift & 0xFF) / (float) SHADE) * SHADE) << shift;
    }
    return colour;
  }

  /**
   * Checks before hours of work that text can be drawn at the end.
   *
   * @throws InputException when the machine has no font
   */
  public static void requireFonts() {
    try {
      new Font(Font.SANS_SERIF, Font.PLAIN, 12).getStringBounds("x", PLAIN);
    } catch (RuntimeException | LinkageError | InternalError noFonts) {
      throw new InputException(
          "Charts need a font, and this machine has none: install one (on Debian and Ubuntu,"
              + " apt-get install fontconfig fonts-dejavu-core) and run the same command again.");
    }
  }
}
