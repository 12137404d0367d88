package dev.unroll.onnx;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Parameters;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A direction that one of the library's cells computes. */
final class FastLayer implements DirectionLayer {
  private final Kind kind;
  private final Parameters parameters = new Parameters();
  private final Recurrent recurrent;
  private @Nullable Workspace workspace;

  FastLayer(Kind kind, Cell cell, int inputSize, int hiddenSize, boolean bias, Memory memory) {
    RecurrentConfig config = RecurrentConfig.of(cell, inputSize, hiddenSize).withBias(bias);
    takeMemory(config, memory);
    this.kind = kind;
    recurrent = new Recurrent(parameters, "", config);
  }

  /** Counts parameters, their gradients and the panels that they are packed into. */
  static void takeMemory(RecurrentConfig config, Memory memory) {
    long padded = Math.ceilDiv(config.hiddenSize(), 64) * 64L;
    memory.take(config.parameterCount(), 2 * Float.BYTES);
    memory.take(
        config.cell().gates() * padded * ((long) config.inputSize() + config.hiddenSize())
            * config.numDirections(),
        Float.BYTES);
  }

  @Override
  public void load(
      float[] w,
      int w0,
      float[] r,
      int r0,
      float @Nullable [] b,
      int b0,
      float @Nullable [] p,
      int p0) {
    fill(kind, parameters, "_l0", w, w0, r, r0, b, b0);
    parameters.changed();
  }

  /** Fills the parameters of one layer and direction of a network. */
  static void fill(
      Kind kind,
      Parameters parameters,
      String suffix,
      float[] w,
      int w0,
      float[] r,
      int r0,
      float @Nullable [] b,
      int b0) {
    kind.toParameter(w, w0, parameters, "weight_ih" + suffix);
    kind.toParameter(r, r0, parameters, "weight_hh" + suffix);
    if (b != null) {
      kind.toParameter(b, b0, parameters, "bias_ih" + suffix);
      int rows = parameters.slice("bias_ih" + suffix).size();
      kind.toParameter(b, b0 + rows, parameters, "bias_hh" + suffix);
    }
  }

  @Override
  public void run(
      int steps,
      int batch,
      float[] x,
      int[] lengths,
      float[] h,
      float[] c,
      float[] y,
      Memory memory) {
    int hidden = recurrent.config().hiddenSize();
    Workspace ws = workspace;
    if (ws == null || ws.steps() != steps || ws.batch() != batch) {
      // Two rows of states for each sequence, and gates for a stretch of steps or a chunk of rows.
      long padded = Math.ceilDiv(hidden, 64) * 64L;
      memory.take((2L * batch + 64) * padded * (1 + kind.gates()), Float.BYTES);
      ws = recurrent.workspace(steps, batch, false, Team.single());
      workspace = ws;
    }
    int[] atLeastOne = Arrays.stream(lengths).map(length -> Math.max(length, 1)).toArray();
    State initial = new State(h, c);
    State last = new State(memory.floats(h.length), memory.floats(c.length));
    recurrent.forward(ws, x, initial, atLeastOne, y, last);
    for (int b = 0; b < batch; b++) {
      if (lengths[b] == 0) {
        Arrays.fill(y, b * hidden, (b + 1) * hidden, 0f);
      } else {
        System.arraycopy(last.h(), b * hidden, h, b * hidden, hidden);
        System.arraycopy(last.c(), b * hidden, c, b * hidden, c.length == 0 ? 0 : hidden);
      }
    }
  }
}
