package dev.unroll.bench.gate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Builds the rnn-core of a commit in a worktree of its own, which is gone afterwards, also when the
 * program is stopped. The jar stays below {@code rnn-bench/target/gate}, so that the next gate
 * against the same commit need not build.
 */
final class CoreBuild {
  private static final int ERROR_LINES = 5;

  private final Git git;
  private final String commit;
  private final Path folder;
  private volatile @Nullable Process build;

  private CoreBuild(Git git, String commit) throws IOException {
    this.git = git;
    this.commit = commit;
    folder = Files.createTempDirectory("unroll-gate").resolve("base");
  }

  /**
   * The rnn-core of a commit.
   *
   * @param commit its full hash
   * @throws IllegalStateException if git or the build fails
   */
  static Core of(Git git, String commit) throws IOException, InterruptedException {
    Path jars = git.root().resolve(Path.of("rnn-bench", "target", "gate"));
    Path jar = jars.resolve("rnn-core-" + commit + ".jar");
    if (!Files.exists(jar)) {
      Files.createDirectories(jars);
      new CoreBuild(git, commit).into(jar);
    }
    return new Core(jar);
  }

  private void into(Path jar) throws IOException, InterruptedException {
    Thread hook = new Thread(this::remove);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Git.Answer answer = git.ask("worktree", "add", "--detach", folder.toString(), commit);
      if (!answer.ok()) {
        throw new IllegalStateException(
            "git cannot check out %s: %s".formatted(commit, answer.text()));
      }
      // Offline first: what the candidate's build has just used is here.
      if (!maven("-o") && !maven("-B")) {
        throw new IllegalStateException(
            "the base %s does not build (mvn -DskipTests -pl rnn-core package): %s"
                .formatted(commit.substring(0, 10), firstErrors()));
      }
      Path part = Files.createTempFile(jar.getParent(), ".", ".part");
      Files.copy(built(), part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Runtime.getRuntime().removeShutdownHook(hook);
      remove();
    }
  }

  private boolean maven(String how) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("mvn", how, "-q", "-ntp", "-DskipTests", "-pl", "rnn-core", "package")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log().toFile());
    // A Maven that runs this program tells its children which project it is in.
    builder.environment().remove("MAVEN_PROJECTBASEDIR");
    builder.environment().remove("MAVEN_CMD_LINE_ARGS");
    try {
      Process process = builder.start();
      build = process;
      return process.waitFor() == 0;
    } catch (IOException e) {
      throw new IllegalStateException(
          "cannot start mvn (%s): put Maven on the PATH".formatted(e.getMessage()), e);
    }
  }

  private Path built() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(Path.of("rnn-core", "target")))) {
      return files
          .filter(file -> file.getFileName().toString().matches("rnn-core-[0-9.]+.*\\.jar"))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the base's build left no jar of rnn-core"));
    }
  }

  private Path log() {
    return folder.resolveSibling("build.log");
  }

  private String firstErrors() throws IOException {
    return new String(Files.readAllBytes(log()), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("ERROR"))
        .limit(ERROR_LINES)
        .reduce((a, b) -> a + "\n  " + b)
        .orElse("it printed no error");
  }

  private void remove() {
    Process running = build;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
    }
    git.ask("worktree", "remove", "--force", folder.toString());
    try (Stream<Path> files = Files.walk(folder.getParent())) {
      List<Path> left = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.printf("Warning: cannot remove %s (%s)%n", folder.getParent(), e.getMessage());
    }
    git.ask("worktree", "prune");
  }
}
