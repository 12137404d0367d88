package dev.unroll.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every Java file is as google-java-format writes it. With {@code -Dformat.fix} the test rewrites
 * what differs instead of failing:
 *
 * <pre>mvn -pl rnn-core test -Dtest=FormatTest -Dformat.fix</pre>
 */
class FormatTest {
  @Test
  void everyJavaFileIsFormatted() throws IOException, FormatterException {
    boolean fix = System.getProperty("format.fix") != null;
    Formatter formatter = new Formatter();
    List<Path> unformatted = new ArrayList<>();
    for (String module : Sources.MODULES) {
      for (Path file : Sources.java(module)) {
        String source = Sources.read(file);
        String formatted = formatter.formatSourceAndFixImports(source);
        if (!formatted.equals(source)) {
          if (fix) {
            Files.writeString(file, formatted);
          } else {
            unformatted.add(Sources.root().relativize(file));
          }
        }
      }
    }
    assertThat(unformatted)
        .as("not formatted; run: mvn -pl rnn-core test -Dtest=FormatTest -Dformat.fix")
        .isEmpty();
  }
}
