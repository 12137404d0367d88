package dev.unroll.experiments.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.AttributeProvider;
import org.commonmark.renderer.html.HtmlRenderer;

/** Markdown as one page that needs no other file: its images lie inside it. */
final class HtmlPage {
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
      th { background: var(--soft); }
      code { background: var(--soft); padding: 0 .2rem; border-radius: 3px; }
      @media print { body { max-width: none; font-size: 10pt; } table { display: table; }
        h2 { break-before: page; } img, tr { break-inside: avoid; } }
      """;

  private HtmlPage() {}

  /** The page; images are read relative to {@code folder}. */
  static String of(String title, String markdown, Path folder) throws IOException {
    Parser parser = Parser.builder().extensions(EXTENSIONS).build();
    HtmlRenderer renderer =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .escapeHtml(true)
            .attributeProviderFactory(context -> new Attributes(folder))
            .build();
    try {
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
    } catch (UncheckedIOException problem) {
      throw problem.getCause();
    }
  }

  /** Puts images into the page and gives headings the names that links point to. */
  private record Attributes(Path folder) implements AttributeProvider {
    @Override
    public void setAttributes(Node node, String tag, Map<String, String> attributes) {
      if (node instanceof Image image) {
        try {
          byte[] png = Files.readAllBytes(folder.resolve(image.getDestination()));
          attributes.put("src", "data:image/png;base64," + Base64.getEncoder().encodeToString(png));
        } catch (IOException unreadable) {
          throw new UncheckedIOException(unreadable);
        }
      } else if (node instanceof Heading heading && heading.getFirstChild() instanceof Text text) {
        attributes.put("id", text.getLiteral().toLowerCase(Locale.ROOT).replace(' ', '-'));
      }
    }
  }
}
