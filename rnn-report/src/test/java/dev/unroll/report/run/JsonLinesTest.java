package dev.unroll.report.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  record Line(int number) {}

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeTwoLines() throws IOException {
    file = folder.resolve("new").resolve("lines.jsonl");
    try (JsonLines<Line> lines = JsonLines.open(file, Line.class)) {
      lines.append(new Line(1));
      lines.append(new Line(2));
    }
  }

  @Test
  void aTornLastLineIsDroppedAndLaterOnesComeAfterTheRest() throws IOException {
    Files.writeString(file, "{\"num", StandardOpenOption.APPEND);
    try (JsonLines<Line> lines = JsonLines.open(file, Line.class)) {
      assertThat(lines.read()).containsExactly(new Line(1), new Line(2));
      lines.append(new Line(3));
    }
    assertThat(file).hasContent("{\"number\":1}\n{\"number\":2}\n{\"number\":3}\n");
  }

  @Test
  void replacingIsWhole() throws IOException {
    try (JsonLines<Line> lines = JsonLines.open(file, Line.class)) {
      lines.replace(List.of(new Line(2), new Line(1)));
    }
    assertThat(file).hasContent("{\"number\":2}\n{\"number\":1}\n");
    assertThat(folder.resolve("new"))
        .isDirectoryContaining("glob:**lines.jsonl")
        .isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    Files.writeString(file, "oops\n", StandardOpenOption.APPEND);
    try (JsonLines<Line> lines = JsonLines.open(file, Line.class)) {
      assertThatThrownBy(lines::read)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("lines.jsonl is damaged in line 3");
    }
  }

  @Test
  void onlyOneProgramWritesAtATime() throws IOException {
    try (JsonLines<Line> lines = JsonLines.open(file, Line.class)) {
      assertThatThrownBy(() -> JsonLines.open(file, Line.class))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Another program");
      lines.clear();
    }
    assertThat(file).isEmptyFile();
  }
}
