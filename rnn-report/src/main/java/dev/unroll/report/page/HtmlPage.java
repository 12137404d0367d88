package dev.unroll.report.page;

import dev.unroll.report.chart.ChartData;
import dev.unroll.report.run.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.CoreHtmlNodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * A page that opens from a file: its style and its programs are in it.
 *
 * @param title for the browser's tab
 * @param links to the pages around it, by what they are called; empty for a page that stands alone
 * @param body HTML
 * @param scripts programs that run when all of it is there
 */
public record HtmlPage(String title, Map<String, String> links, String body, List<String> scripts) {
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

  /** A report's heading, its first paragraphs, and its first picture before any table. */
  private static final Pattern HEAD =
      Pattern.compile(
          "\\A(\\s*<h1>.*?</h1>)((?:(?!<h2>|<img|<table>).)*?)(<p>(?:<span"
              + " class=\"chart\">)?<img.*?</p>)",
          Pattern.DOTALL);

  private static final Pattern TABLE =
      Pattern.compile("<div class=\"scroll\"><table>.*?</table></div>", Pattern.DOTALL);

  /** A table of more rows is folded. */
  private static final int LONGEST = 20;

  /** Copies the collections. */
  public HtmlPage {
    links = Collections.unmodifiableMap(new LinkedHashMap<>(links));
    scripts = List.copyOf(scripts);
  }

  /**
   * The page of a text whose first line is its title.
   *
   * @param links to the pages around it
   * @param charts what some of its pictures show, by the pictures' names without folder and ending
   */
  public static HtmlPage of(
      String markdown, Map<String, String> links, Map<String, ChartData> charts) {
    String title = markdown.lines().findFirst().orElse("").replaceFirst("^#+ *", "");
    return new HtmlPage(
        title, links, html(markdown, charts), charts.isEmpty() ? List.of() : chartScripts());
  }

  /**
   * The page of a report: what was found and its first picture stand side by side where there is
   * room, and long tables are folded.
   */
  public static HtmlPage ofReport(
      String markdown, Map<String, String> links, Map<String, ChartData> charts) {
    HtmlPage page = of(markdown, links, charts);
    String body =
        HEAD.matcher(page.body).replaceFirst("$1<div class=\"finding\"><div>$2</div>$3</div>");
    return new HtmlPage(
        page.title, links, TABLE.matcher(body).replaceAll(HtmlPage::folded), page.scripts);
  }

  private static String folded(MatchResult table) {
    int rows = table.group().split("<tr>", -1).length - 2;
    return Matcher.quoteReplacement(
        rows <= LONGEST
            ? table.group()
            : "<details><summary>Table of %d rows</summary>%s</details>"
                .formatted(rows, table.group()));
  }

  /** A piece of Markdown as HTML. */
  public static String html(String markdown) {
    return html(markdown, Map.of());
  }

  private static String html(String markdown, Map<String, ChartData> charts) {
    Parser parser = Parser.builder().extensions(EXTENSIONS).build();
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .escapeHtml(true)
            .nodeRendererFactory(context -> new Figures(context, charts))
            .build();
    return renderer
        .render(parser.parse(markdown))
        .replace("<table>", "<div class=\"scroll\"><table>")
        .replace("</table>", "</table></div>");
  }

  /** What draws the charts. */
  private static List<String> chartScripts() {
    return List.of(library("uPlot.iife.min.js"), Resources.text(HtmlPage.class, "charts.js"));
  }

  /** A file of the charting library, whichever version is on the class path. */
  private static String library(String file) {
    String version =
        Resources.properties(HtmlPage.class, "/META-INF/maven/org.webjars.npm/uplot/pom.properties")
            .getProperty("version");
    return Resources.text(
        HtmlPage.class, "/META-INF/resources/webjars/uplot/" + version + "/dist/" + file);
  }

  /** The whole text. */
  public String text() {
    return Templates.fill(
        HtmlPage.class,
        "page.ftlh",
        Map.of(
            "title", title,
            "links", links,
            "style",
                Resources.text(HtmlPage.class, "page.css")
                    + (scripts.isEmpty() ? "" : library("uPlot.min.css")),
            "body", body,
            "scripts", scripts));
  }

  /** JSON that may stand in a page: nothing in it ends the element around it. */
  public static String json(Object value) {
    return Json.COMPACT.writeValueAsString(value).replace("<", "\\u003c");
  }

  /** Pictures, and beside those whose data is known the data. */
  private static final class Figures extends CoreHtmlNodeRenderer {
    private final Map<String, ChartData> charts;

    Figures(HtmlNodeRendererContext context, Map<String, ChartData> charts) {
      super(context);
      this.charts = charts;
    }

    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
      return Set.of(Image.class);
    }

    @Override
    public void visit(Image image) {
      ChartData chart =
          charts.get(image.getDestination().replaceFirst("^.*/", "").replaceFirst("\\.png$", ""));
      if (chart == null) {
        super.visit(image);
        return;
      }
      var html = context.getWriter();
      html.tag("span", Map.of("class", "chart"));
      super.visit(image);
      html.raw("<script type=\"application/json\">" + json(chart) + "</script>");
      html.tag("/span");
    }
  }
}
