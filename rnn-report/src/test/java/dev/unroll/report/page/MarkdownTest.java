package dev.unroll.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownTest {
  @Test
  void textCannotBreakATable() {
    assertThat(Markdown.escape("a|b\n<c> *d* `e`")).isEqualTo("a\\|b ⏎ &lt;c&gt; \\*d\\* \\`e\\`");
  }

  @Test
  void aTableHasARowForEachRow() {
    assertThat(Markdown.table(List.of("a", "b"), List.of(List.of("1", "2"), List.of("3", ""))))
        .isEqualTo("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |  |\n");
  }

  @Test
  void onlyNamedPartsAreFilled() {
    String text =
        """
        a
        <!-- begin generated: x -->
        old
        <!-- end generated -->
        <!-- begin generated: y_1 -->
        kept $1
        <!-- end generated -->
        b
        """;
    String filled = GeneratedParts.fill(text, name -> name.equals("x") ? "new $0\n" : null);
    assertThat(filled).isEqualTo(text.replace("old", "new $0"));
    assertThat(GeneratedParts.of(filled)).containsEntry("x", "new $0\n").containsKey("y_1");
  }
}
