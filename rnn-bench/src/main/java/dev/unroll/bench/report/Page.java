package dev.unroll.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** Markdown as one page of HTML that needs no other file: images and style lie inside it. */
final class Page {
  private static final Pattern IMAGE = Pattern.compile("src=\"([^\"]+)\\.png\"");
  private static final Pattern TABLE = Pattern.compile("<table>.*?</table>", Pattern.DOTALL);

  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 72rem; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
      th, td { border-bottom: 1px solid #8884; padding: .2rem .6rem; text-align: left; }
      td[align=right], th[align=right] { text-align: right; white-space: nowrap; }
      img { max-width: 100%; height: auto; background: white; }
      code { overflow-wrap: anywhere; font-size: .85rem; }
      @media print {
        body { max-width: none; font-size: 10px; }
        .wide { overflow: visible; }
        table { font-size: 8px; }
        th, td { padding: .1rem .3rem; }
        tr, img { break-inside: avoid; }
        h2, h3 { break-after: avoid; }
        img { max-height: 11cm; }
      }
      """;

  private Page() {}

  /**
   * Renders a page.
   *
   * @param folder where the images' paths begin
   */
  static String html(String markdown, Path folder) {
    List<Extension> extensions = List.of(TablesExtension.create());
    String body =
        HtmlRenderer.builder()
            .extensions(extensions)
            .escapeHtml(true)
            .build()
            .render(Parser.builder().extensions(extensions).build().parse(markdown));
    String title = markdown.lines().findFirst().orElse("").replaceFirst("^#+ *", "");
    // Long tables scroll by themselves, so that the page does not on a narrow screen.
    String wide =
        TABLE
            .matcher(body)
            .replaceAll(
                m -> Matcher.quoteReplacement("<div class=\"wide\">" + m.group() + "</div>"));
    String images =
        IMAGE
            .matcher(wide)
            .replaceAll(
                m ->
                    Matcher.quoteReplacement(
                        "src=\"" + data(folder.resolve(m.group(1) + ".png")) + "\""));
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    %s</body>
    </html>
    """
        .formatted(title, STYLE, images);
  }

  private static String data(Path image) {
    try {
      return "data:image/png;base64,"
          + Base64.getEncoder().encodeToString(Files.readAllBytes(image));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the chart " + image, e);
    }
  }
}
