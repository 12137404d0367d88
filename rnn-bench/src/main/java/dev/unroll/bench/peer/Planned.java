package dev.unroll.bench.peer;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.result.Comparison;
import java.util.Locale;

/**
 * What {@code peers} is to measure, as it tells a measuring process in one word.
 *
 * @param cutFrom the numbers of steps it stands for, where T was cut; else empty
 */
record Planned(String cell, Mode mode, Shape shape, String cutFrom) {
  /** Reads {@link #toString}. */
  static Planned parse(String text) {
    String[] parts = text.split("/", -1);
    return new Planned(
        parts[0],
        Mode.valueOf(parts[1].toUpperCase(Locale.ROOT)),
        Shape.parse(parts[2]),
        parts.length > 3 ? parts[3] : "");
  }

  Workload on(int threads) {
    return new Workload(cell, mode, shape, threads, EqualSize.heads(cell, shape.hiddenSize()));
  }

  /** Whether a comparison is of this. */
  boolean isOf(Comparison c) {
    return cell.equals(c.cell())
        && mode.label().equals(c.mode())
        && shape.equals(new Shape(c.batch(), c.steps(), c.inputSize(), c.hiddenSize()));
  }

  @Override
  public String toString() {
    return "%s/%s/%d,%d,%d,%d%s"
        .formatted(
            cell,
            mode,
            shape.batch(),
            shape.steps(),
            shape.inputSize(),
            shape.hiddenSize(),
            cutFrom.isEmpty() ? "" : "/" + cutFrom);
  }
}
