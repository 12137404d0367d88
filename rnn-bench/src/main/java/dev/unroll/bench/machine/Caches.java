package dev.unroll.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The sizes of the data caches that one core sees, from Linux's {@code /sys}; elsewhere sizes that
 * are common in 2025.
 */
public final class Caches {
  private static final Path FOLDER = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /** How many levels of cache each core has for itself. */
  public static final int OWN = 2;

  private Caches() {}

  /**
   * A place data can live.
   *
   * @param name L1, L2, L3 or memory
   * @param bytes its size; for memory the largest long
   * @param probeBytes a working set that lives there and not in the level before
   */
  public record Level(String name, long bytes, long probeBytes) {}

  /** The levels, fastest first, memory last. */
  public static List<Level> levels() {
    return levels(sizes(FOLDER));
  }

  /** Those of the levels that each core has for itself: the first two caches. */
  public static List<Level> own(List<Level> levels) {
    return levels.subList(0, Math.min(OWN, levels.size() - 1));
  }

  static List<Level> levels(List<Long> sizes) {
    List<Level> levels = new ArrayList<>();
    long largest = 0;
    for (int i = 0; i < sizes.size(); i++) {
      // Half a cache leaves room for everything else that passes through it.
      levels.add(new Level("L" + (i + 1), sizes.get(i), sizes.get(i) / 2));
      largest = Math.max(largest, sizes.get(i));
    }
    levels.add(new Level("memory", Long.MAX_VALUE, Math.min(4 * largest, 1L << 30)));
    return levels;
  }

  /** Sizes in bytes of levels 1, 2, ... */
  static List<Long> sizes(Path folder) {
    List<Long> sizes = new ArrayList<>();
    try {
      for (int i = 0; Files.isDirectory(folder.resolve("index" + i)); i++) {
        Path index = folder.resolve("index" + i);
        if (!Files.readString(index.resolve("type")).startsWith("Instruction")) {
          sizes.add(bytes(Files.readString(index.resolve("size"))));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      sizes.clear();
    }
    return sizes.isEmpty() ? List.of(32L << 10, 1L << 20, 32L << 20) : sizes;
  }

  private static long bytes(String size) {
    String text = size.trim().toUpperCase(Locale.ROOT);
    long unit =
        switch (text.charAt(text.length() - 1)) {
          case 'K' -> 1L << 10;
          case 'M' -> 1L << 20;
          default -> 1;
        };
    return Long.parseLong(unit == 1 ? text : text.substring(0, text.length() - 1)) * unit;
  }
}
