package dev.unroll.report.page;

import java.util.List;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** Markdown as a page of HTML, which links the same images. */
public final class HtmlPage {
  private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --line: #d0d0d0;
        --link: #005a9c; --soft: #f4f4f4; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181a;
        --line: #3c4043; --link: #7cc0ff; --soft: #202326; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 1rem; max-width: 62rem; color: var(--ink);
        background: var(--paper); font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
      h1, h2, h3 { line-height: 1.25; }
      h2 { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); }
      a { color: var(--link); }
      img { max-width: 100%; height: auto; background: #fff; border-radius: 4px; }
      table { display: block; overflow-x: auto; max-width: 100%; border-collapse: collapse;
        font-size: .9rem; overflow-wrap: normal; }
      th, td { padding: .3rem .6rem; border: 1px solid var(--line); text-align: left;
        vertical-align: top; }
      td[align=right], th[align=right] { text-align: right; white-space: nowrap;
        font-variant-numeric: tabular-nums; }
      th { background: var(--soft); }
      code { background: var(--soft); padding: 0 .2rem; border-radius: 3px; }
      @media print { body { max-width: none; font-size: 10pt; } table { display: table; }
        h2 { break-before: page; } img, tr { break-inside: avoid; } }
      """;

  private HtmlPage() {}

  /** The page of a text whose first line is its title. */
  public static String of(String markdown) {
    Parser parser = Parser.builder().extensions(EXTENSIONS).build();
    HtmlRenderer renderer = HtmlRenderer.builder().extensions(EXTENSIONS).escapeHtml(true).build();
    String title = markdown.lines().findFirst().orElse("").replaceFirst("^#+ *", "");
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <link rel="icon" href="data:,">
    <style>
    %s</style>
    </head>
    <body>
    %s</body>
    </html>
    """
        .formatted(title, STYLE, renderer.render(parser.parse(markdown)));
  }
}
