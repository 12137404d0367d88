package dev.unroll.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitTest {
  @TempDir private Path folder;
  private Path repository;

  @BeforeEach
  void twoCommits() throws IOException, InterruptedException {
    repository = folder.resolve("repository");
    Files.createDirectories(repository);
    assumeTrue(run(folder, "--version") == 0, "git cannot be started");
    run(repository, "init", "-q");
    for (String name : List.of("first", "second")) {
      Files.writeString(repository.resolve("file"), name);
      run(repository, "add", "file");
      int status =
          run(
              repository,
              "-c",
              "user.name=Test",
              "-c",
              "user.email=test@example.org",
              "-c",
              "commit.gpgsign=false",
              "commit",
              "-q",
              "-m",
              name);
      assertThat(status).isZero();
    }
  }

  @Test
  void findsCommitsFilesAndChanges() throws IOException {
    Git git = new Git(repository);
    assertThat(git.commit("HEAD^")).matches("[0-9a-f]{40}");
    assertThat(git.show("HEAD^", "file")).isEqualTo("first");
    assertThat(git.show("HEAD^", "nothing")).isNull();
    assertThat(git.changes()).isEmpty();
    Files.writeString(repository.resolve("file"), "dirty");
    assertThat(git.changes()).hasSize(1);
  }

  @Test
  void refusesUnknownCommitsAndSaysWhy() {
    Git git = new Git(repository);
    assertThatThrownBy(() -> git.commit("nowhere"))
        .isInstanceOf(Git.MissingCommit.class)
        .hasMessageContaining("there is no commit 'nowhere': give a branch, tag or hash");
    assertThatThrownBy(() -> git.commit("HEAD~7"))
        .isInstanceOf(Git.MissingCommit.class)
        .hasMessageContaining("the history does not go back that far");
  }

  @Test
  void inAShallowCloneTheErrorSaysWhatToFetch() throws IOException, InterruptedException {
    String url = repository.toUri().toString();
    assertThat(run(folder, "clone", "-q", "--depth=1", url, "shallow")).isZero();
    Git git = new Git(folder.resolve("shallow"));
    assertThatThrownBy(() -> git.commit("HEAD^"))
        .hasMessageContaining("shallow clone")
        .hasMessageContaining("git fetch --deepen=1");
    assertThatThrownBy(() -> git.commit("v1"))
        .hasMessageContaining("git fetch --depth=1 origin v1");
  }

  @Test
  void outsideARepositoryTheErrorNamesTheJarOption() throws IOException {
    Path plain = Files.createDirectories(folder.resolve("plain"));
    assertThatThrownBy(() -> new Git(plain)).hasMessageContaining("--base-jar");
  }

  private static int run(Path folder, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
