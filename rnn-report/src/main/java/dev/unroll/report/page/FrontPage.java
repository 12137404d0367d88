package dev.unroll.report.page;

import dev.unroll.report.run.RunFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The first page of all results: what was found, a sentence and a picture each. */
public final class FrontPage {
  /** Its name below the results' folder. */
  public static final String FILE = "index.html";

  /** The page of all experiments. */
  public static final String EXPERIMENTS = "experiments.html";

  /** The page of what the library costs. */
  public static final String SPEED = "bench.html";

  /** The page of what each cell can do, against its serial time. */
  public static final String MAP = "map.html";

  /** The page of what changed from commit to commit. */
  public static final String HISTORY = "history.html";

  /** The list of all runs. */
  public static final String RUNS = "runs.html";

  private FrontPage() {}

  /**
   * One thing that was found.
   *
   * @param title what it is about, a few words
   * @param sentence what was found, with its figures
   * @param picture from the results' folder
   * @param page where all of it is, from the results' folder
   * @param machine where it was measured; empty where it does not matter
   * @param command what makes it again
   */
  public record Finding(
      String title, String sentence, String picture, String page, String machine, String command) {}

  /** The links between the pages that lie beside the front page. */
  public static Map<String, String> links() {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("Findings", FILE);
    links.put("Experiments", EXPERIMENTS);
    links.put("Map", MAP);
    links.put("Speed", SPEED);
    links.put("History", HISTORY);
    links.put("All runs", RUNS);
    return links;
  }

  /**
   * Writes the page.
   *
   * @param results the folder of all results
   * @param findings in the order of the page; the page of none says how to make some
   * @return the page
   */
  public static Path write(Path results, List<Finding> findings) {
    String body =
        Templates.fill(
            FrontPage.class,
            "front.ftlh",
            Map.of(
                "findings",
                findings,
                "machines",
                findings.stream()
                    .map(Finding::machine)
                    .filter(machine -> !machine.isEmpty())
                    .distinct()
                    .toList()));
    new RunFolder(results)
        .write(FILE, new HtmlPage("Unroll: what was found", links(), body, List.of()).text());
    return results.resolve(FILE);
  }
}
