package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Workloads that others chose, read from {@code NAME.txt}, which says where they come from. */
final class ShapeSet {
  static final List<String> NAMES = List.of("deepbench");

  /** What a call may take at speeds that most cores reach; a workload is called some 15 times. */
  private static final double SECONDS = 1;

  private static final double FLOPS_A_SECOND = 1e11;
  private static final double BYTES_A_SECOND = 2e10;

  private ShapeSet() {}

  /**
   * The workloads of a set, T cut where a call would take too long. Those that are then alike are
   * one.
   *
   * @throws InputException if there is no such set
   */
  static List<Planned> named(String name) {
    if (!NAMES.contains(name)) {
      throw new InputException("no set '" + name + "': choose from " + String.join(", ", NAMES));
    }
    try (InputStream file =
        Objects.requireNonNull(ShapeSet.class.getResourceAsStream(name + ".txt"))) {
      return cut(parse(new String(file.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads lines such as {@code training lstm 64,25,512,512}; those that begin with # are notes.
   *
   * @throws InputException if a line is not like that
   */
  static List<Planned> parse(String text) {
    List<Planned> workloads = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.split(" +", -1);
      try {
        if (words.length != 3 || !Workload.CELLS.contains(words[1])) {
          throw new IllegalArgumentException("the cells are " + Workload.CELLS);
        }
        Mode mode = Mode.valueOf(words[0].toUpperCase(Locale.ROOT));
        workloads.add(new Planned(words[1], mode, Shape.parse(words[2]), ""));
      } catch (IllegalArgumentException e) {
        throw new InputException(
            "a workload is a mode, a cell and a shape such as 'training lstm 64,25,512,512', but it is '%s' (%s)"
                .formatted(line, e.getMessage()));
      }
    }
    return workloads;
  }

  /** Cuts T, and joins what is alike then; what was cut says which T it stands for. */
  static List<Planned> cut(List<Planned> workloads) {
    Map<Planned, TreeSet<Integer>> steps = new LinkedHashMap<>();
    for (Planned whole : workloads) {
      Shape s = whole.shape();
      Shape shorter = new Shape(s.batch(), steps(whole), s.inputSize(), s.hiddenSize());
      steps
          .computeIfAbsent(
              new Planned(whole.cell(), whole.mode(), shorter, ""), key -> new TreeSet<>())
          .add(s.steps());
    }
    List<Planned> cut = new ArrayList<>();
    steps.forEach(
        (workload, from) -> {
          Shape s = workload.shape();
          boolean whole = from.equals(new TreeSet<>(List.of(s.steps())));
          String text = from.stream().map(String::valueOf).collect(Collectors.joining(", "));
          cut.add(new Planned(workload.cell(), workload.mode(), s, whole ? "" : text));
        });
    return cut;
  }

  private static int steps(Planned whole) {
    Workload workload = whole.on(1);
    int steps = whole.shape().steps();
    double seconds =
        Math.max(
            workload.flops() / FLOPS_A_SECOND,
            (double) steps
                * whole.mode().products()
                * workload.recurrentWeightBytes()
                / BYTES_A_SECOND);
    return seconds <= SECONDS ? steps : Math.max(1, (int) (steps * SECONDS / seconds));
  }
}
