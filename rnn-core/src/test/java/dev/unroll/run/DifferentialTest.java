package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.conventions.ByLayer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random shapes have the same bits, but for those of NaN, however they are run: {@link
 * RandomShapes} at every vector width and compiled in different ways. {@code
 * -Ddifferential.shapes=100000} tries more, {@code -Ddifferential.seed=S} others.
 */
@Order(ByLayer.LAST)
class DifferentialTest {
  private static final int SHAPES = Integer.getInteger("differential.shapes", 300);
  private static final int AT_A_TIME = 5_000;

  /** What is interpreted takes a hundred times as long: one in so many. */
  private static final int SLOWLY = 30;

  @TempDir private Path folder;

  @Test
  void randomShapesHaveTheSameBits() throws IOException, InterruptedException {
    long first = Long.getLong("differential.seed", 0);
    for (int done = 0; done < SHAPES; done += AT_A_TIME) {
      int count = Math.min(AT_A_TIME, SHAPES - done);
      List<String> plain = shapes(first + done, count, "0 bits", "-Dunroll.vector.bits=0");
      assertThat(plain).hasSize(count).doesNotHaveDuplicates();
      for (int bits : new int[] {128, 256, 512}) {
        assertThat(shapes(first + done, count, bits + " bits", "-Dunroll.vector.bits=" + bits))
            .isEqualTo(plain);
      }
      for (String tier : List.of("-XX:TieredStopAtLevel=1", "-Xint")) {
        int some = count / SLOWLY;
        assertThat(shapes(first + done, some, "0 bits", "-Dunroll.vector.bits=0", tier))
            .isEqualTo(plain.subList(0, some));
      }
    }
  }

  /** A line for each; the program has to say that it ran at the width asked for. */
  private List<String> shapes(long first, int count, String width, String... flags)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("--add-modules=jdk.incubator.vector"));
    all.addAll(List.of(flags));
    List<String> lines =
        OtherJvm.lines(
            folder.resolve("log.txt"),
            RandomShapes.class,
            all,
            Long.toString(first),
            Integer.toString(count));
    assertThat(lines.getFirst()).isEqualTo(width);
    return lines.subList(1, lines.size());
  }
}
