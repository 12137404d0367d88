package dev.unroll.cell;

import dev.unroll.kernel.Activations;
import java.util.List;

/**
 * The easy form of a cell: the equations of one unit in plain floats, and their gradients. Layers,
 * directions, lengths, batches and threads are {@code dev.unroll.run}'s.
 *
 * <p>{@link #forward} turns the pre-activations {@link Unit#gate} and the state before into the
 * state after. {@link #backward} sees the same numbers again and may compute anew what it needs of
 * them. Example: the IndRNN (Li et al. 2018), whose units have one recurrent weight each.
 *
 * <pre>{@code
 * public final class IndRnn implements UnitCell {
 *   public String name() { return "indrnn"; }
 *   public int gates() { return 1; }
 *   public boolean hasRecurrentProduct() { return false; }
 *   public List<String> vectors() { return List.of("weight_hh"); }
 *
 *   public void forward(Unit u) {
 *     u.h = Math.max(0, u.gate[0] + u.vector[0] * u.hBefore);
 *   }
 *
 *   public void backward(Unit u) {
 *     float ds = u.h > 0 ? u.dh : 0;
 *     u.dGate[0] = ds;
 *     u.dVector[0] = ds * u.hBefore;
 *     u.dhBefore = ds * u.vector[0];
 *   }
 * }
 * }</pre>
 *
 * <p>Results have the same bits on every machine as long as the methods use nothing but arithmetic,
 * {@link Math#fma}, {@link Math#max}, {@link Math#min}, {@link Math#abs}, {@link Math#sqrt} and
 * {@link #exp}, {@link #sigmoid}, {@link #tanh}; the other functions of {@link Math} may differ in
 * the last bit.
 *
 * <p>There is no projection. A cell must keep nothing in fields from one call to the next: several
 * threads use it at once.
 */
public non-sealed interface UnitCell extends Cell {
  /** {@return G, 1 to 4; at most 3 if the last gate is split} */
  @Override
  int gates();

  @Override
  default boolean hasRecurrentProduct() {
    return true;
  }

  /**
   * {@return whether the recurrent product of the last gate, W_hh h_(t-1) + b_hh, arrives apart, in
   * {@link Unit#recurrent}, as the candidate of a GRU needs it; the gate then is W_ih x_t + b_ih}
   */
  default boolean splitsLastGate() {
    return false;
  }

  /**
   * {@return the cell's own parameters, one value a unit: {@code weight_ci} becomes {@code
   * weight_ci_l0 [H]}, {@code weight_ci_l0_reverse} and so on, and {@link Unit#vector} has the
   * values in this order}
   */
  default List<String> vectors() {
    return List.of();
  }

  /**
   * One step of one unit: sets {@link Unit#h} and, with a cell state, {@link Unit#c}.
   *
   * @param u the unit
   */
  void forward(Unit u);

  /**
   * The reverse of {@link #forward}: from {@link Unit#dh} and {@link Unit#dc} to the gradients to
   * everything forward has read. Those not set are zero. A cell without this method cannot be
   * trained.
   *
   * @param u the unit, with what forward has read and written
   * @throws UnsupportedOperationException if the cell only runs forward
   */
  default void backward(Unit u) {
    throw new UnsupportedOperationException(
        "Cell '" + name() + "' only runs forward: to train it, override backward(Unit).");
  }

  /**
   * {@return e to the power x}
   *
   * @param x any number
   */
  static float exp(float x) {
    return Activations.exp(x);
  }

  /**
   * {@return 1 / (1 + exp(-x))}
   *
   * @param x any number
   */
  static float sigmoid(float x) {
    return Activations.sigmoid(x);
  }

  /**
   * {@return the hyperbolic tangent of x}
   *
   * @param x any number
   */
  static float tanh(float x) {
    return Activations.tanh(x);
  }
}
