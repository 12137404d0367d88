package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code unroll} in a project of its own, whose Maven only hands out this class path.
 */
@DisabledOnOs(OS.WINDOWS)
class UnrollTest {
  private static final Path PROJECT = Path.of("..");

  @TempDir private static Path temp;

  /** The folder of the project, and one elsewhere to start from. */
  private static Path home;

  private static Path elsewhere;

  @BeforeAll
  static void makeProject() throws Exception {
    home = Files.createDirectories(temp.resolve("my project"));
    elsewhere = Files.createDirectories(temp.resolve("else where"));
    for (String file : List.of("unroll", ".ci/find-jdk", ".gitignore")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.copy(PROJECT.resolve(file), home.resolve(file));
    }
    for (String file :
        List.of("pom.xml", "rnn-cli/pom.xml", "rnn-cli/src/main/A.java", "rnn-core/src/verify/B")) {
      Files.createDirectories(home.resolve(file).getParent());
      Files.writeString(home.resolve(file), "");
    }
    LaunchFile.main(new String[] {temp.resolve("unroll.args").toString()});
    Path maven = Files.createDirectories(temp.resolve("bin")).resolve("mvn");
    Files.writeString(
        maven,
        """
        #!/bin/sh
        echo "built $*" >>"%1$s/calls"
        [ ! -e "%1$s/broken" ] || { echo "[ERROR] no such symbol"; exit 1; }
        cp "%1$s/unroll.args" rnn-cli/target/unroll.args
        """
            .formatted(temp));
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../my project/unroll"));
    for (String git : List.of("init -q", "add -A", "commit -q -m start")) {
      assertThat(git(git.split(" ", -1)).code()).isZero();
    }
  }

  private record Outcome(int code, String out, String err) {}

  private static Outcome git(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-C", home.toString(), "-c", "user.name=a", "-c", "user.email=a@b"));
    command.addAll(List.of(words));
    return start(command, home);
  }

  private static ProcessBuilder process(List<String> command, Path from) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(from.toFile())
            .redirectOutput(temp.resolve("out").toFile())
            .redirectError(temp.resolve("err").toFile());
    builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
    builder.environment().merge("PATH", temp.resolve("bin") + ":", (path, bin) -> bin + path);
    return builder;
  }

  private static Outcome start(List<String> command, Path from) throws Exception {
    Process process = process(command, from).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(
        process.exitValue(),
        Files.readString(temp.resolve("out")),
        Files.readString(temp.resolve("err")));
  }

  private static Outcome unroll(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("./link"));
    command.addAll(List.of(words));
    return start(command, elsewhere);
  }

  private static long builds() throws IOException {
    Path calls = temp.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  @Test
  void itBuildsOnlyWhereASourceIsNewer() throws Exception {
    assertThat(unroll("list").out()).contains("copy-first");
    long before = builds();
    Outcome listed = unroll("list");
    assertThat(listed.code()).isZero();
    assertThat(listed.err()).isEmpty();
    assertThat(builds()).isEqualTo(before);

    Path source = home.resolve("rnn-cli/src/main/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now()));
    assertThat(unroll("list").err()).startsWith("Building");
    assertThat(builds()).isEqualTo(before + 1);

    Files.setLastModifiedTime(source, FileTime.from(Instant.now()));
    Files.createFile(temp.resolve("broken"));
    Outcome broken = unroll("list");
    Files.delete(temp.resolve("broken"));
    assertThat(broken.code()).isEqualTo(3);
    assertThat(broken.err()).contains("[ERROR] no such symbol", "The build failed");
  }

  @Test
  void whatIsWrongHasAnExitCodeAndOneSentence() throws Exception {
    unroll("list");
    assertThat(unroll("run", "copy-frist"))
        .isEqualTo(
            new Outcome(
                1, "", "Error: There is no experiment 'copy-frist': did you mean copy-first?\n"));
    Outcome command = unroll("gat");
    assertThat(command.code()).isEqualTo(2);
    assertThat(command.err()).contains("no command 'gat': did you mean gate?");
    assertThat(unroll("gate", "--base", "main", "--only", "no such").code()).isEqualTo(3);
    assertThat(unroll("bench", "run", "--quick", "--full").code()).isEqualTo(2);
  }

  @Test
  void bothProgramsAnswerByTheirNames() throws Exception {
    assertThat(unroll("help").out()).contains("char-lm", "gate", "Exit codes", "bench COMMAND");
    assertThat(unroll("run", "--help").out()).contains("--seeds");
    assertThat(unroll("bench", "run", "--help").out()).contains("--full");
    assertThat(unroll("experiments", "report", "--help").out()).contains("--out");
    assertThat(unroll("help", "bench").out()).contains("steady");
  }

  @Test
  void aRunGoesToTheProjectAndLeavesItCleanUnlessItIsAReference() throws Exception {
    for (int time = 1; time <= 2; time++) {
      Outcome run = unroll("run", "exact", "--quick");
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.out())
          .contains("not judged", "results/runs/experiments/exact-quick/report.md");
    }
    assertThat(elsewhere.resolve("results")).doesNotExist();
    assertThat(git("status", "--porcelain").out()).isEmpty();
    assertThat(unroll("run", "exact", "--quick", "--out", "mine").code()).isZero();
    assertThat(elsewhere.resolve("mine/exact-quick/report.md")).exists();

    String[] reference = {"run", "exact", "--quick", "--reference", "--force"};
    assertThat(unroll(reference).code()).isZero();
    Outcome again = unroll(reference);
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("no commit holds it", "commit it");
    git("add", "-A");
    git("commit", "-q", "-m", "reference");
    assertThat(unroll(reference).code()).isZero();
  }

  @Test
  void interruptingTheScriptInterruptsJava() throws Exception {
    assumeThat(FaultTest.ignored(2)).as("SIGINT is ignored, as below nohup").isFalse();
    unroll("list");
    Process process =
        process(List.of("./link", "run", "copy-first", "--threads", "1"), elsewhere).start();
    Path metrics = home.resolve("results/runs/experiments/copy-first/metrics.jsonl");
    for (int i = 0; i < 300 && !Files.exists(metrics); i++) {
      Thread.sleep(100);
    }
    assertThat(metrics).exists();
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(130);
  }
}
