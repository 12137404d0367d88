package dev.unroll.report.page;

import java.util.List;

/** Pieces of Markdown. */
public final class Markdown {
  private Markdown() {}

  /** A table; cells are Markdown already. */
  public static String table(List<String> columns, List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    row(text, columns);
    text.append("|").append("---|".repeat(columns.size())).append('\n');
    rows.forEach(row -> row(text, row));
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** Text that Markdown and HTML leave alone, on one line. */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> escaped.append(" ⏎ ");
        case '\r' -> {}
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '&' -> escaped.append("&amp;");
        case '|', '*', '_', '`', '[', ']', '\\', '#', '~' -> escaped.append('\\').append(c);
        default -> escaped.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return escaped.toString();
  }
}
