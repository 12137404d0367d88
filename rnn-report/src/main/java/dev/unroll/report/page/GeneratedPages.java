package dev.unroll.report.page;

import dev.unroll.report.run.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The committed pages that have {@linkplain GeneratedParts parts} which programs write. */
public final class GeneratedPages {
  private static final List<String> PAGES =
      List.of(
          "README.md",
          "results/bench.md",
          "results/experiments.md",
          "results/claims.md",
          "docs/learned-dynamics.md");

  private GeneratedPages() {}

  /**
   * The pages as they should be.
   *
   * @param home the project's folder; a page that it lacks is left out
   * @param body what to write into the part of that name, with links from the project's folder;
   *     null leaves it as it is
   * @return the whole text of each page
   */
  public static Map<Path, String> fill(Path home, Function<String, @Nullable String> body)
      throws IOException {
    Map<Path, String> filled = new LinkedHashMap<>();
    for (String name : PAGES) {
      Path page = home.resolve(name);
      if (Files.isRegularFile(page)) {
        String folder = name.substring(0, name.lastIndexOf('/') + 1);
        filled.put(
            page,
            GeneratedParts.fill(
                Files.readString(page),
                part -> {
                  String text = body.apply(part);
                  return text == null ? null : text.replace("](" + folder, "](");
                }));
      }
    }
    return filled;
  }

  /** Writes the pages that are not as they should be. */
  public static void write(Path home, Function<String, @Nullable String> body) throws IOException {
    for (Map.Entry<Path, String> page : fill(home, body).entrySet()) {
      if (!Files.readString(page.getKey()).equals(page.getValue())) {
        AtomicFile.write(page.getKey(), page.getValue());
        System.out.println("Filled the generated parts of " + page.getKey());
      }
    }
  }
}
