package dev.unroll.bench.gate;

import dev.unroll.report.run.Results;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commits of this repository, as what the work tree is compared with. */
final class Commits {
  private static final int MOST_CHANGES = 20;

  private final Git git = new Git(Results.HOME.toAbsolutePath());
  private final double limit;
  private final List<Gated> benchmarks;

  /**
   * Nothing is read yet.
   *
   * @param limit ratio of times above which a benchmark fails
   * @param benchmarks those to compare
   */
  Commits(double limit, List<Gated> benchmarks) {
    this.limit = limit;
    this.benchmarks = benchmarks;
  }

  /** The tag that is meant; the last before this commit where none is named. */
  String tag(String named) {
    if (!named.isEmpty()) {
      return named;
    }
    Git.Answer last = git.ask("describe", "--tags", "--abbrev=0", "HEAD^");
    if (!last.ok()) {
      throw new Git.MissingCommit(
          "there is no tag before this commit: name a commit, as in --since HEAD~50");
    }
    return last.text();
  }

  /**
   * The work tree against a commit, which is built in a worktree of its own.
   *
   * @param ref the commit
   * @param sparing whether equal sources are not built and measured
   * @return null where there is nothing to measure
   */
  @Nullable Comparison comparison(String ref, boolean sparing)
      throws IOException, InterruptedException {
    String commit = git.commit(ref);
    String hash = commit.substring(0, 10);
    String label = commit.startsWith(ref) ? hash : "%s (%s)".formatted(ref, hash);
    List<String> notes = new ArrayList<>();
    int changed = git.changes().size();
    if (changed > 0) {
      notes.add(
          "the work tree differs from its commit in %d files: the candidate is the work tree"
              .formatted(changed));
    }
    Judge judge =
        new Judge(limit, new Accepted(git.ask("log", "--format=%B", commit + "..HEAD").text()));
    List<Decision> gone = lists(git.show(commit, Gated.FILE), judge, notes);
    if (sparing
        && gone.isEmpty()
        && git.ask("diff", "--quiet", commit, "--", "rnn-core", "pom.xml").ok()) {
      System.out.printf("Gate: rnn-core is that of %s, so there is nothing to measure.%n", label);
      return null;
    }
    System.out.printf("Building the base %s ...%n", label);
    return Comparison.ofCores(
        CoreBuild.of(git, commit),
        Core.own(),
        benchmarks,
        judge,
        gone,
        notes,
        git.ask(
                "log",
                "-" + MOST_CHANGES,
                "--no-merges",
                "--format=%h %s",
                commit + "..HEAD",
                "--",
                "rnn-core/src/main",
                "rnn-core/pom.xml",
                "pom.xml")
            .text()
            .lines()
            .toList(),
        label,
        changed > 0 ? "The work tree" : git.commit("HEAD").substring(0, 10));
  }

  /** Compares the lists of benchmarks. */
  private static List<Decision> lists(@Nullable String list, Judge judge, List<String> notes) {
    List<Gated> theirs = list == null ? null : Gated.parse(list);
    List<Gated> ours = Gated.all();
    if (theirs == null) {
      notes.add("the base has no list of gated benchmarks; both sides ran the candidate's");
    } else {
      for (Gated mine : ours) {
        if (theirs.stream().noneMatch(b -> b.name().equals(mine.name()))) {
          notes.add(mine.name() + " is new: the base does not list it, but ran it");
        } else if (!theirs.contains(mine)) {
          notes.add(mine.name() + " is defined otherwise on the base; both ran the candidate's");
        }
      }
    }
    return judge.gone(theirs, ours);
  }
}
