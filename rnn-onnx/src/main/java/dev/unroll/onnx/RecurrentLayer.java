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

/** A direction that a cell computes, one of the library's or an {@link OnnxCell}. */
final class RecurrentLayer implements DirectionLayer {
  private final Kind kind;
  private final Parameters parameters = new Parameters();
  private final Recurrent recurrent;
  private @Nullable Workspace workspace;

  RecurrentLayer(Kind kind, Cell cell, int inputSize, int hiddenSize, boolean bias, Memory memory) {
    RecurrentConfig config = RecurrentConfig.of(cell, inputSize, hiddenSize).withBias(bias);
    takeMemory(config, memory);
    this.kind = kind;
    recurrent = new Recurrent(parameters, "", config);
  }

  /** Counts parameters, their gradients and the panels that they are packed into. */
  static void takeMemory(RecurrentConfig config, Memory memory) {
    memory.take(config.parameterCount(), 2 * Float.BYTES);
    memory.take(
        (long) config.numDirections()
            * (config.cell().gates() + 1)
            * padded(config.hiddenSize())
            * ((long) config.inputSize() + config.hiddenSize()),
        Float.BYTES);
  }

  private static long padded(int hidden) {
    return Math.ceilDiv(hidden, 64) * 64L;
  }

  @Override
  public void load(Weights weights, int direction, Memory memory) {
    weights.fill(kind, direction, parameters, "_l0");
    parameters.changed();
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
      // States before and after a step, h and c; gates for a stretch of steps or a chunk of rows.
      memory.take((4L * batch + 64L * kind.gates()) * padded(hidden), Float.BYTES);
      ws = recurrent.workspace(steps, batch, false, Team.single());
      workspace = ws;
    }
    int[] atLeastOne = Arrays.stream(lengths).map(length -> Math.max(length, 1)).toArray();
    Cell cell = recurrent.config().cell();
    float[] lastH = memory.floats(h.length);
    float[] lastC = memory.floats(c.length);
    boolean hasC = kind == Kind.LSTM;
    State initial = hasC ? State.of(cell, h, c) : State.of(cell, h);
    State last = hasC ? State.of(cell, lastH, lastC) : State.of(cell, lastH);
    recurrent.forward(ws, x, initial, atLeastOne, y, last);
    for (int b = 0; b < batch; b++) {
      if (lengths[b] == 0) {
        Arrays.fill(y, b * hidden, (b + 1) * hidden, 0f);
      } else {
        System.arraycopy(lastH, b * hidden, h, b * hidden, hidden);
        if (hasC) {
          System.arraycopy(lastC, b * hidden, c, b * hidden, hidden);
        }
      }
    }
  }
}
