package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.fault.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command that may be cut short at any moment and given again.
 *
 * @param name for messages
 * @param words the command
 * @param root the folder that it changes
 * @param start a folder that is as that one is before; it need not be there
 * @param before what a reader sees there, file by file
 * @param after what a reader sees when all is done
 * @param moments at how many moments it can be cut short
 */
record Deed(
    String name,
    List<String> words,
    Path root,
    Path start,
    Map<String, String> before,
    Map<String, String> after,
    Fault.Moments moments) {
  private static final String FORCE = "--force";
  private static final String RESULT = "result.json";

  /** Does all of it undisturbed, so as to know what will be. */
  static Deed of(String name, Path root, Path start, List<String> words) throws Exception {
    Folder.copy(start, root);
    Map<String, String> before = Folder.files(root);
    Fault.Moments moments =
        Fault.during(
            Fault.Kind.NONE,
            0,
            root,
            () -> {},
            () -> assertThat(ask(words)).as(name).isEqualTo(new Commands.Answer(0, "")));
    Deed deed = new Deed(name, words, root, start, before, Folder.files(root), moments);
    assertThat(deed.after).as(name).isNotEqualTo(before);
    assertThat(Folder.leftovers(root)).as(name).isEmpty();
    return deed;
  }

  static int run(List<String> words) throws InterruptedException {
    return ask(words).code();
  }

  private static Commands.Answer ask(List<String> words) throws InterruptedException {
    try {
      return Commands.ask(() -> Main.commandLine(words), words);
    } finally {
      // A program that fails ends with its process, and does not wait for its other trials.
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().startsWith("pool-")) {
          thread.join();
        }
      }
    }
  }

  /** Gives the command, which has to fail, and returns what it says. */
  String refused() throws InterruptedException {
    Commands.Answer answer = ask(words);
    assertThat(answer.code()).as("%s: %s", name, answer.said()).isEqualTo(1);
    return answer.said();
  }

  /** Makes the folder what it was before. */
  void reset() throws IOException {
    Folder.copy(start, root);
  }

  /** Requires that a reader who looks now sees of each file the whole, old or new. */
  void look() {
    Map<String, String> seen = Folder.files(root);
    seen.forEach(
        (file, content) -> {
          String whole = after.getOrDefault(file, "");
          boolean grows = file.endsWith("metrics.jsonl") && isOfLines(content, whole);
          if (!grows && !content.equals(before.get(file))) {
            assertThat(content).as("%s: %s", name, file).isEqualTo(whole);
          }
        });
    for (String file : seen.keySet()) {
      if (file.endsWith(RESULT)) {
        // Who finds a result finds what it was made from.
        Map<String, String> from = seen.get(file).equals(after.get(file)) ? after : before;
        for (String other : List.of("metrics.jsonl", "config.json", "provenance.json")) {
          String beside = file.replace(RESULT, other);
          assertThat(seen).as("%s: what is beside %s", name, file).containsKey(beside);
          assertThat(seen.get(beside)).as("%s: %s", name, beside).isEqualTo(from.get(beside));
        }
      }
    }
  }

  /** Whether it has lines of the whole, of which the last may be torn. */
  private static boolean isOfLines(String content, String whole) {
    int end = content.lastIndexOf('\n') + 1;
    String torn = content.substring(end);
    List<String> lines = whole.lines().toList();
    return lines.containsAll(content.substring(0, end).lines().toList())
        && (torn.isEmpty() || lines.stream().anyMatch(line -> line.startsWith(torn)));
  }

  /**
   * Gives the command again after it was cut short, and requires that all is as if it had not been.
   * Where it throws old results away, it is every other time given without that, and may find them
   * whole.
   */
  void requireRecovery(long moment) throws InterruptedException {
    look();
    String as = "%s, cut short at moment %d and given again".formatted(name, moment);
    List<String> next = new ArrayList<>(words);
    boolean plainly = moment % 2 == 1 && next.remove(FORCE);
    assertThat(run(next)).as(as).isZero();
    Map<String, String> files = Folder.files(root);
    if (!(plainly && files.equals(before))) {
      assertThat(files.keySet()).as(as).isEqualTo(after.keySet());
      files.forEach(
          (file, content) -> assertThat(content).as(as + file).isEqualTo(after.get(file)));
    }
    assertThat(Folder.leftovers(root)).as(as).isEmpty();
  }

  /** Moments at which this can happen, spread evenly over all of them. */
  List<Long> spread(Fault.Kind kind, int count, double offset) {
    long all = kind == Fault.Kind.FULL ? moments.growing() : moments.all();
    List<Long> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add((long) ((i + offset) * all / count));
    }
    return chosen;
  }
}
