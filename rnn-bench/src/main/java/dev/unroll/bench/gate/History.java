package dev.unroll.bench.gate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unroll.bench.result.Run;
import dev.unroll.report.page.Markdown;
import dev.unroll.report.page.RunReport;
import dev.unroll.report.run.Provenance;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The gate over a repository's own commits: what it says beside what each commit says of itself.
 *
 * @param entries newest first
 */
record History(List<Entry> entries) {
  static final String FILE = "history.json";

  /**
   * One commit against its parent.
   *
   * @param commit short hash
   * @param date when it was committed, UTC; null in files of before it was noted
   * @param subject first line of its message
   * @param sentence what the gate said
   * @param decisions one for each benchmark; empty where the gate could not run
   */
  record Entry(
      String commit,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String date,
      String subject,
      String sentence,
      List<Decision> decisions) {}

  /** Judges a repository's commits, and takes what a folder already holds. */
  static final class Judging {
    private final Git git;
    private final RunFolder folder;
    private final List<Gated> benchmarks;
    private final Map<String, Entry> known = new HashMap<>();

    Judging(Git git, RunFolder folder, List<Gated> benchmarks) {
      this.git = git;
      this.folder = folder;
      this.benchmarks = benchmarks;
      if (folder.has(FILE)) {
        History before = folder.read(FILE, History.class);
        before.entries().forEach(entry -> known.put(entry.commit(), entry));
      }
    }

    /**
     * Judges the last commits that touch rnn-core, newest first.
     *
     * @param minutes begins none later; null for all
     */
    History of(int count, Gate gate, @Nullable Double minutes)
        throws IOException, InterruptedException {
      long end = minutes == null ? Long.MAX_VALUE : (long) (minutes * 60e9);
      long start = System.nanoTime();
      List<Entry> entries = new ArrayList<>();
      String log =
          git.ask(
                  "log",
                  "-" + count,
                  "--no-merges",
                  "--format=%h %cI %s",
                  "--",
                  "rnn-core/src/main")
              .text();
      for (String line : log.lines().toList()) {
        String[] told = line.split(" ", 3);
        String commit = told[0];
        if (!known.containsKey(commit) && System.nanoTime() - start < end) {
          System.out.println(line);
          known.put(commit, judged(commit, Provenance.utc(told[1]), told[2], gate));
          // In any order for now: a run that is stopped keeps it.
          folder.writeJson(FILE, new History(List.copyOf(known.values())));
        }
        Entry entry = known.get(commit);
        if (entry != null) {
          entries.add(entry);
        }
      }
      return new History(entries);
    }

    private Entry judged(String commit, String date, String subject, Gate gate)
        throws IOException, InterruptedException {
      Path samples = Files.createTempDirectory("unroll-gate").resolve("samples.jsonl");
      try {
        Core before = CoreBuild.of(git, git.commit(commit + "^"));
        Core after = CoreBuild.of(git, git.commit(commit));
        try (PairLog log = new PairLog(samples, commit)) {
          Pairs pairs = new Pairs(new CoreSides(before, after, benchmarks), log);
          List<Decision> decisions = gate.decide(pairs, new Judge(gate.limit(), new Accepted("")));
          return new Entry(commit, date, subject, GateReport.sentence(decisions), decisions);
        }
      } catch (IllegalStateException e) {
        return new Entry(commit, date, subject, "Not set up: " + e.getMessage(), List.of());
      } finally {
        Files.deleteIfExists(samples);
        Files.deleteIfExists(Objects.requireNonNull(samples.getParent()));
      }
    }
  }

  /** Writes {@code history.json} and {@code report.md}. */
  void write(RunFolder folder, Run run) {
    folder.writeJson(FILE, this);
    StringBuilder text =
        new StringBuilder(
            """
            # The gate over this repository's history

            Each commit that touches rnn-core against its parent, with today's benchmarks. The gate compares cores only: benchmarks that an older core cannot run are not compared.

            | commit | what it says of itself | what the gate says | faster | slower | not compared |
            |---|---|---|---|---|---|
            """);
    for (Entry entry : entries) {
      text.append(
          "| %s | %s | %s | %s | %s | %s |\n"
              .formatted(
                  entry.commit(),
                  Markdown.escape(entry.subject()),
                  Markdown.escape(entry.sentence()),
                  list(entry, Decision.Verdict.IMPROVED),
                  list(entry, Decision.Verdict.REGRESSED),
                  list(entry, Decision.Verdict.NOT_COMPARED)));
    }
    RunReport.write(folder, text + "\n" + GateReport.foot(run));
  }

  private static String list(Entry entry, Decision.Verdict verdict) {
    return entry.decisions().stream()
        .filter(d -> d.verdict() == verdict)
        .map(d -> d.pairs() == 0 ? d.name() : d.name() + " " + Judge.percent(d.ratio()))
        .collect(Collectors.joining(", "));
  }
}
