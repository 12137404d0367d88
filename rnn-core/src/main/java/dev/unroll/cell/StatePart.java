package dev.unroll.cell;

import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A part of what a cell carries from one step to the next.
 *
 * @param name the letter of the equations, e.g. {@code h}
 * @param width floats of one sequence in one layer and direction
 * @param differentiable whether there is a gradient to it; without, what a gradient holds there is
 *     neither read nor written
 */
public record StatePart(String name, ToIntFunction<LayerSizes> width, boolean differentiable) {
  /** The hidden state: H wide, or what a projection makes of it. */
  public static final StatePart H = new StatePart("h", LayerSizes::projectedSize, true);

  /** The cell state of an LSTM, H wide. */
  public static final StatePart C = new StatePart("c", LayerSizes::hiddenSize, true);

  /** The state of most cells. */
  public static final List<StatePart> ONLY_H = List.of(H);

  /** The state of an LSTM. */
  public static final List<StatePart> H_AND_C = List.of(H, C);
}
