package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.conventions.ByLayer;
import dev.unroll.guest.Guests;
import dev.unroll.run.OtherJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training has the same bits, but for those of NaN, at every vector width, for any number of
 * threads, and whether it is interpreted or compiled by either compiler: one virtual machine for
 * each.
 */
@Order(ByLayer.LAST)
class SameBitsTest {
  /** Hidden units, steps and sequences: more than one atom of units and one tile of rows. */
  private static final String LARGE = "18 4 7";

  @TempDir private Path folder;

  /** Small, since interpreted vectors are objects. */
  private static final String SMALL = "2 2 2";

  @Test
  void widthsAndThreadsDoNotChangeABit() throws IOException, InterruptedException {
    List<String> plain = fingerprint("0 bits", 1, LARGE, "-Dunroll.vector.bits=0");
    for (int bits : new int[] {128, 256, 512}) {
      assertThat(fingerprint(bits + " bits", bits / 128, LARGE, "-Dunroll.vector.bits=" + bits))
          .isEqualTo(plain);
    }
    assertThat(fingerprint("", 1, LARGE, "-XX:+IgnoreUnrecognizedVMOptions", "-XX:UseAVX=2"))
        .isEqualTo(plain);
  }

  @Test
  void interpretersAndCompilersDoNotChangeABit() throws IOException, InterruptedException {
    List<String> compiled = fingerprint("", 1, SMALL);
    assertThat(fingerprint("", 1, SMALL, "-Xint")).isEqualTo(compiled);
    assertThat(fingerprint("0 bits", 2, SMALL, "-Dunroll.vector.bits=0", "-Xint"))
        .isEqualTo(compiled);
    assertThat(fingerprint("0 bits", 1, SMALL, "-Dunroll.vector.bits=0", "-XX:TieredStopAtLevel=1"))
        .isEqualTo(compiled);
  }

  /** Where a caller forgot the flag, it runs all the same and says which flag it is. */
  @Test
  void withoutTheModuleItIsPlainJava() throws IOException, InterruptedException {
    List<String> vectors = fingerprint("", 1, SMALL);
    Path log = Files.createTempFile(folder, "log", ".txt");
    assertThat(run(log, "0 bits", 1, SMALL)).isEqualTo(vectors);
    assertThat(Files.readString(log))
        .containsOnlyOnce("Start Java with --add-modules jdk.incubator.vector");
    assertThat(run(log, "0 bits", 1, SMALL, "-Dunroll.vector.bits=0")).isEqualTo(vectors);
    assertThat(Files.readString(log)).isEmpty();
  }

  /** A hash for each cell; the program has to say that it ran at the width asked for. */
  private List<String> fingerprint(String width, int threads, String shape, String... flags)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(flags));
    all.add("--add-modules=jdk.incubator.vector");
    Path log = Files.createTempFile(folder, "log", ".txt");
    return run(log, width, threads, shape, all.toArray(String[]::new));
  }

  private static List<String> run(
      Path log, String width, int threads, String shape, String... flags)
      throws IOException, InterruptedException {
    List<String> args = new ArrayList<>(List.of(Integer.toString(threads)));
    args.addAll(List.of(shape.split(" ", -1)));
    List<String> lines =
        OtherJvm.lines(log, Fingerprint.class, List.of(flags), args.toArray(String[]::new));
    assertThat(lines).hasSize(1 + Guests.andOurs().size());
    assertThat(lines.getFirst()).startsWith(width);
    return lines.subList(1, lines.size());
  }
}
