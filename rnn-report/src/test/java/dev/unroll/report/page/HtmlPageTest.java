package dev.unroll.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.chart.ChartData;
import dev.unroll.report.chart.SeriesData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a browser makes of the pages is seen by the test of the whole site. */
class HtmlPageTest {
  private static final String TEXT =
      "# a < b\n\n![a chart](charts/x.png)\n\n<script>alert(1)</script>\n\n| a |\n|---|\n| 1 |\n";

  private static String page(Map<String, ChartData> charts) {
    return HtmlPage.of(TEXT, Map.of("Home & away", "i.html?a&b"), charts).text();
  }

  @Test
  void aPageOfPicturesHasNoScript() {
    assertThat(page(Map.of()))
        .contains("<title>a &lt; b</title>", "<div class=\"scroll\"><table>")
        .contains("<a href=\"i.html?a&amp;b\">Home &amp; away</a>", "prefers-color-scheme: dark")
        .contains("&lt;script&gt;")
        .doesNotContain("<script");
  }

  @Test
  void aChartWhoseDataIsKnownStandsBesideItsPicture() {
    ChartData chart =
        new SeriesData("</script><b>", "x", "y", false, false, null, null, List.of(), List.of());
    assertThat(page(Map.of("x", chart)))
        .contains("<img src=\"charts/x.png\" alt=\"a chart\"")
        .contains("<script type=\"application/json\">{\"title\":\"\\u003c/script>\\u003cb>\"")
        .contains("uPlot")
        .doesNotContain("src=\"http");
  }

  @Test
  void aReportBeginsWithItsFindingBesideItsPictureAndFoldsLongTables() {
    String text = "# a\n\nfound\n\n![a chart](x.png)\n\nwhy\n\n| a |\n|---|\n";
    assertThat(HtmlPage.ofReport(text + "| 1 |\n".repeat(20), Map.of(), Map.of()).body())
        .contains("<h1>a</h1><div class=\"finding\"><div>\n<p>found</p>\n</div><p><img")
        .contains("</p></div>\n<p>why</p>")
        .doesNotContain("<details>");
    assertThat(HtmlPage.ofReport(text + "| 1 |\n".repeat(21), Map.of(), Map.of()).body())
        .contains("<details><summary>Table of 21 rows</summary><div class=\"scroll\"><table>");
    assertThat(HtmlPage.ofReport(TEXT, Map.of(), Map.of()).body()).contains("finding");
    assertThat(HtmlPage.ofReport("# a\n\n| a |\n|---|\n\n![b](b.png)", Map.of(), Map.of()).body())
        .doesNotContain("finding");
  }
}
