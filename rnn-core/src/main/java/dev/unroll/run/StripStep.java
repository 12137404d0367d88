package dev.unroll.run;

import dev.unroll.cell.DiagonalCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.StripCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Scan;
import java.util.Arrays;

/**
 * A {@link StripLayer}, one step at a time. What a pass of a {@link LinearCell} solves in blocks of
 * steps, each stream solves as its steps come: the first block step by step, the others from the
 * state before the block.
 */
final class StripStep implements LayerStep {
  private static final int WIDTH = StripCell.UNITS;

  /** Rows that go through a strip together, so that its weights are read once for them. */
  private static final int CHUNK = 48;

  /** A row of a plane before the step, and one after it. */
  private static final int PLANE = 2 * WIDTH;

  private final StripLayer layer;
  private final StripCell cell;

  /** Where each atom of all groups lies; all strips take turns. */
  private final int[] atomOffset;

  /** {@code [gate][CHUNK][64]}. */
  private final float[] gates;

  private final int groupStride;

  /** Of a linear cell, a row of 64 for each row in hand. */
  private final float[] a;

  private final float[] b;

  /** Of a diagonal cell, the planes of one row's states. */
  private final float[] planes;

  StripStep(StripLayer layer, int largest) {
    this.layer = layer;
    cell = layer.cell;
    int rows = Math.min(largest, CHUNK);
    groupStride = rows * WIDTH;
    gates = Buffers.floats((long) cell.gates() * groupStride);
    atomOffset = new int[layer.layout.groups * (WIDTH / Columns.ATOM)];
    Arrays.setAll(
        atomOffset,
        i -> {
          int column = i * Columns.ATOM;
          return column / WIDTH % cell.gates() * groupStride + column % WIDTH;
        });
    boolean linear = cell instanceof LinearCell;
    a = Buffers.floats(linear ? groupStride : 0);
    b = Buffers.floats(linear ? groupStride : 0);
    int all = Arrays.stream(layer.widths).sum() / layer.hiddenSize;
    planes = Buffers.floats(linear ? 0 : (long) all * PLANE);
  }

  @Override
  public void step(float[] x, Rows rows, float[] y) {
    for (int from = 0; from < rows.count(); from += CHUNK) {
      int count = Math.min(CHUNK, rows.count() - from);
      for (int strip = 0; strip < layer.layout.strips; strip++) {
        preActivations(x, from, count, strip);
        switch (cell) {
          case LinearCell linear -> {
            coefficients(linear, count, strip);
            for (int r = 0; r < count; r++) {
              solve(rows, from + r, strip, Buffers.BASE + r * WIDTH, y);
            }
          }
          case DiagonalCell diagonal -> {
            for (int r = 0; r < count; r++) {
              step(diagonal, rows, from + r, strip, Buffers.BASE + r * WIDTH, y);
            }
          }
        }
      }
    }
  }

  private void preActivations(float[] x, int from, int count, int strip) {
    int width = layer.inputSize;
    layer.preActivations(
        gates,
        Buffers.BASE,
        atomOffset,
        WIDTH,
        x,
        from * width,
        width,
        strip * cell.gates(),
        (strip + 1) * cell.gates(),
        count);
  }

  private void coefficients(LinearCell linear, int count, int strip) {
    int at = Buffers.BASE;
    linear.activate(count, gates, at, groupStride, WIDTH);
    linear.coefficients(
        count,
        gates,
        at,
        groupStride,
        WIDTH,
        layer.constants,
        layer.constant(strip, 0),
        a,
        at,
        b,
        at);
  }

  /** Takes one strip of one row from its state before to the one after, which is y. */
  private void solve(Rows rows, int row, int strip, int coefficients, float[] y) {
    Stream stream = rows.stream(row);
    float[] h = stream.state().part(0);
    int unit = strip * WIDTH;
    int units = units(strip);
    int at = rows.place(layer, row) * layer.hiddenSize + unit;
    int out = row * layer.outputSize + unit;
    if (stream.steps < Scan.BLOCK) {
      Scan.forwardSerial(y, out, 0, h, at, a, b, coefficients, 0, 1, units);
      return;
    }
    float[] before = stream.block[0];
    float[] product = stream.block[1];
    float[] solution = stream.block[2];
    if (stream.steps == Scan.BLOCK) {
      System.arraycopy(h, at, before, at, units);
      Arrays.fill(product, at, at + units, 1f);
      Arrays.fill(solution, at, at + units, 0f);
    }
    Scan.step(y, out, before, product, solution, at, a, b, coefficients, units);
    System.arraycopy(y, out, h, at, units);
  }

  /** The same of a diagonal cell, whose first planes are y. */
  private void step(DiagonalCell diagonal, Rows rows, int row, int strip, int gate, float[] y) {
    State state = rows.stream(row).state();
    int place = rows.place(layer, row);
    int unit = strip * WIDTH;
    int units = units(strip);
    int plane = Buffers.BASE;
    for (int part = 0; part < layer.widths.length; part++) {
      int from = place * layer.widths[part] + unit;
      int end = (place + 1) * layer.widths[part];
      for (; from < end; from += layer.hiddenSize, plane += PLANE) {
        System.arraycopy(state.part(part), from, planes, plane, units);
        Arrays.fill(planes, plane + units, plane + WIDTH, 0f);
      }
    }
    diagonal.forward(
        1,
        gates,
        gate,
        groupStride,
        WIDTH,
        layer.constants,
        layer.constant(strip, 0),
        planes,
        Buffers.BASE,
        PLANE,
        WIDTH);
    plane = Buffers.BASE + WIDTH;
    for (int part = 0; part < layer.widths.length; part++) {
      int to = place * layer.widths[part] + unit;
      int end = (place + 1) * layer.widths[part];
      for (; to < end; to += layer.hiddenSize, plane += PLANE) {
        System.arraycopy(planes, plane, state.part(part), to, units);
      }
    }
    int out = row * layer.outputSize + unit;
    int end = (row + 1) * layer.outputSize;
    for (plane = Buffers.BASE + WIDTH; out < end; out += layer.hiddenSize, plane += PLANE) {
      System.arraycopy(planes, plane, y, out, units);
    }
  }

  private int units(int strip) {
    return Math.min(WIDTH, layer.hiddenSize - strip * WIDTH);
  }
}
