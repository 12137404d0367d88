package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.run.Results;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The commands that write results, as small as they can be. */
final class Deeds {
  private static final String SETTINGS =
      "lengths=2 gains=.4,1.1 hidden_size=4 steps=4 samples=8 window=2 learning_rates=.01";

  private static List<Deed> done = List.of();

  private final Path folder;
  private final List<Deed> all = new ArrayList<>();

  private Deeds(Path folder) {
    this.folder = folder;
  }

  /** All of them, the first a run where nothing was; each has been done once. */
  static synchronized List<Deed> all() throws Exception {
    if (done.isEmpty()) {
      Path folder = Path.of("target", "deeds").toAbsolutePath();
      Folder.copy(folder.resolve("nothing"), folder);
      Deeds deeds = new Deeds(folder);
      deeds.runs();
      deeds.reports();
      deeds.charLm();
      done = deeds.all;
    }
    return done;
  }

  /** The words that run a small experiment on so many threads. */
  static List<String> words(Path root, int threads) {
    List<String> words = new ArrayList<>(List.of("run", "gain-phase"));
    words.addAll(List.of(SETTINGS.split(" ")));
    words.addAll(List.of("--out", root.toString(), "--seed-list", "1,2"));
    words.addAll(List.of("--threads", Integer.toString(threads)));
    return words;
  }

  private void add(String name, Path root, Path start, List<String> words) throws Exception {
    all.add(Deed.of(name, root, start, words));
  }

  private void runs() throws Exception {
    Path root = folder.resolve("run");
    List<String> words = words(root, 1);
    add("run", root, folder.resolve("nothing"), words);

    Path others = folder.resolve("others");
    Folder.copy(root, others);
    try (var runs = Files.newDirectoryStream(others)) {
      for (Path run : runs) {
        for (String file : List.of("metrics.jsonl", "result.json", "report.md", "report.html")) {
          Path changed = run.resolve(file);
          Files.writeString(changed, Files.readString(changed).replaceAll("\\b0\\.(?=\\d)", "7."));
        }
      }
    }
    List<String> force = new ArrayList<>(words);
    force.add("--force");
    add("run --force", root, others, force);

    Path unfinished = folder.resolve("unfinished");
    Folder.copy(others, unfinished);
    try (var runs = Files.newDirectoryStream(unfinished)) {
      for (Path run : runs) {
        Files.delete(run.resolve("result.json"));
        Files.copy(
            root.resolve(run.getFileName()).resolve("metrics.jsonl"),
            run.resolve("metrics.jsonl"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    add("run of what only lacks its conclusion", root, unfinished, words);
  }

  /** A project with a run of each program, whose reports and README are of before. */
  private void reports() throws Exception {
    Path home = Files.createDirectories(Results.HOME);
    assertThat(home.toString()).as("UNROLL_HOME").endsWith("fault-home");
    Path project = folder.resolve("project");
    Path experiments = project.resolve("results/runs/experiments");
    Folder.copy(folder.resolve("run"), experiments);
    Path run = RunFilesFuzzTest.newestQuick();
    Path bench = project.resolve("results/reference/bench").resolve(run.getFileName().toString());
    Files.createDirectories(bench);
    for (String file : List.of("run.json", "jmh.json", "roofline.json")) {
      Files.copy(run.resolve(file), bench.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(
        project.resolve("README.md"),
        """
        <!-- begin generated: bench -->
        old
        <!-- end generated -->
        <!-- begin generated: example.Shown -->
        old
        <!-- end generated -->
        """);
    Path example = project.resolve("docs/examples/Shown.java");
    Files.createDirectories(example.resolveSibling(""));
    Files.writeString(example, "// shown: begin\nint shown;\n// shown: end\n");
    try (var runs = Files.newDirectoryStream(experiments)) {
      for (Path one : runs) {
        Files.writeString(one.resolve("report.md"), "# old\n");
      }
    }
    add("report", home, project, List.of("report"));
  }

  private void charLm() throws Exception {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "the quick brown fox jumps over the lazy dog\n".repeat(40));
    Path root = folder.resolve("char-lm");
    List<String> words = new ArrayList<>(List.of("char-lm", "--quick", "--text", text.toString()));
    words.addAll(List.of("--hidden_size", "4", "--steps", "4", "--eval_every", "2"));
    words.addAll(List.of("--seq_length", "4", "--batch_size", "2", "--out", root.toString()));
    words.addAll(List.of("--save", root.resolve("model.safetensors").toString()));
    add("char-lm --save", root, folder.resolve("nothing"), words);
  }
}
