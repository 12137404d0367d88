package dev.unroll.run;

import dev.unroll.cell.LinearCell;
import dev.unroll.kernel.Buffers;
import dev.unroll.kernel.Columns;
import dev.unroll.kernel.Scan;
import java.util.Arrays;

/**
 * A {@link LinearLayer}, one step at a time. What a pass solves in blocks of steps, each stream
 * solves as its steps come: the first block step by step, the others from the state before the
 * block.
 */
final class ScanStep implements LayerStep {
  private static final int WIDTH = LinearCell.UNITS;

  /** Rows that go through a strip together, so that its weights are read once for them. */
  private static final int CHUNK = 48;

  private final LinearLayer layer;
  private final LinearCell cell;

  /** Where each atom of all groups lies; all strips take turns. */
  private final int[] atomOffset;

  /** {@code [gate][CHUNK][64]}. */
  private final float[] gates;

  private final int groupStride;

  // A row of 64 for each row in hand.
  private final float[] a;
  private final float[] b;

  ScanStep(LinearLayer layer, int largest) {
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
    a = Buffers.floats(groupStride);
    b = Buffers.floats(groupStride);
  }

  @Override
  public void step(float[] x, Rows rows, float[] y) {
    for (int from = 0; from < rows.count(); from += CHUNK) {
      int count = Math.min(CHUNK, rows.count() - from);
      for (int strip = 0; strip < layer.layout.strips; strip++) {
        coefficients(x, from, count, strip);
        for (int r = 0; r < count; r++) {
          solve(rows, from + r, strip, Buffers.BASE + r * WIDTH, y);
        }
      }
    }
  }

  private void coefficients(float[] x, int from, int count, int strip) {
    int width = layer.inputSize;
    int at = Buffers.BASE;
    layer.preActivations(gates, at, atomOffset, WIDTH, x, from * width, width, strip, count);
    cell.activate(count, gates, at, groupStride, WIDTH);
    cell.coefficients(count, gates, at, groupStride, WIDTH, a, at, b, at);
  }

  /** Takes one strip of one row from its state before to the one after, which is y. */
  private void solve(Rows rows, int row, int strip, int coefficients, float[] y) {
    Stream stream = rows.stream(row);
    float[] h = stream.state().h();
    int unit = strip * WIDTH;
    int units = Math.min(WIDTH, layer.hiddenSize - unit);
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
}
