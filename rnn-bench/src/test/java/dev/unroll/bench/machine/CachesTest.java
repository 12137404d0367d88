package dev.unroll.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {
  @TempDir private Path folder;

  @Test
  void readsDataCachesOnly() throws IOException {
    cache(0, "Data", "48K");
    cache(1, "Instruction", "32K");
    cache(2, "Unified", "2M");
    assertThat(Caches.sizes(folder)).containsExactly(48L << 10, 2L << 20);
  }

  @Test
  void usesCommonSizesWhereNoneCanBeRead() {
    assertThat(Caches.sizes(folder)).containsExactly(32L << 10, 1L << 20, 32L << 20);
  }

  @Test
  void eachCoreHasTheFirstTwoCachesForItself() {
    List<Caches.Level> levels = Caches.levels(List.of(32L << 10, 1L << 20, 32L << 20));
    assertThat(Caches.own(levels)).extracting(Caches.Level::name).containsExactly("L1", "L2");
    levels = Caches.levels(List.of(64L << 10));
    assertThat(Caches.own(levels)).extracting(Caches.Level::name).containsExactly("L1");
  }

  private void cache(int index, String type, String size) throws IOException {
    Path level = Files.createDirectory(folder.resolve("index" + index));
    Files.writeString(level.resolve("type"), type + "\n");
    Files.writeString(level.resolve("size"), size + "\n");
  }
}
