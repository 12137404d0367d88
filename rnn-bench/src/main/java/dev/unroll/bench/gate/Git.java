package dev.unroll.bench.gate;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The work tree that a gate runs in. */
final class Git {
  private final Path root;

  /** An answer of git's. */
  record Answer(boolean ok, String text) {}

  /**
   * Finds the work tree that a folder lies in.
   *
   * @throws IllegalStateException without one, or without git
   */
  Git(Path folder) {
    Answer answer = ask(folder.toFile(), "rev-parse", "--show-toplevel");
    if (!answer.ok()) {
      throw new IllegalStateException(
          "--base needs a git checkout, and this folder is none: run it in one, or compare two"
              + " builds with --base-jar and --candidate-jar");
    }
    root = Path.of(answer.text());
  }

  Path root() {
    return root;
  }

  Answer ask(String... words) {
    return ask(root.toFile(), words);
  }

  private static Answer ask(File folder, String... words) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(command).directory(folder).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(process.waitFor() == 0, text.trim());
    } catch (IOException e) {
      return new Answer(false, "git cannot be started");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(false, "interrupted");
    }
  }

  /**
   * The full hash of a commit.
   *
   * @throws MissingCommit if it is not in this clone
   */
  String commit(String ref) {
    Answer answer = ask("rev-parse", "--verify", "--quiet", ref + "^{commit}");
    if (answer.ok()) {
      return answer.text();
    }
    boolean ancestor = ref.contains("^") || ref.contains("~");
    if (ask("rev-parse", "--is-shallow-repository").text().equals("true")) {
      throw new MissingCommit(
          "this shallow clone does not hold the base '%s': fetch it with \"git fetch %s\" (in a workflow: fetch-depth: 2, or 0 for all)"
              .formatted(ref, ancestor ? "--deepen=1" : "--depth=1 origin " + ref));
    }
    throw new MissingCommit(
        ancestor
            ? "there is no commit '%s': the history does not go back that far".formatted(ref)
            : "there is no commit '%s': give a branch, tag or hash; \"git fetch origin\" brings what the remote has"
                .formatted(ref));
  }

  /** The work tree's changes that no commit holds, a line each. */
  List<String> changes() {
    return ask("status", "--porcelain", "--untracked-files=no").text().lines().toList();
  }

  /** A file as it is in a commit; null if it is not there. */
  @Nullable String show(String commit, String file) {
    Answer answer = ask("show", commit + ":" + file);
    return answer.ok() ? answer.text() : null;
  }

  /** A commit that this clone does not hold. */
  static final class MissingCommit extends IllegalStateException {
    private static final long serialVersionUID = 1;

    MissingCommit(String message) {
      super(message);
    }
  }
}
