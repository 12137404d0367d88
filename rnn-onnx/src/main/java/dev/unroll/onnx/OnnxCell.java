package dev.unroll.onnx;

import dev.unroll.cell.StatePart;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import java.util.List;
import java.util.Locale;

/**
 * An operator's equations with what no cell of the library has: peepholes, coupled gates, clipping,
 * other activations. Forward only. Gates are in PyTorch's order.
 *
 * <p>The cell state is not clipped on its way into h, as in ONNX Runtime: the specification bounds
 * "the input of activations", and both read it as the sums of the gates.
 *
 * @param kind the operator; a GRU resets after the recurrent product
 * @param activations f, g, h
 * @param clip the bound of what goes into the gates' activations
 * @param inputForget whether the forget gate is 1 - input gate
 * @param peepholes whether the gates of an LSTM also see the cell state
 * @see <a href="https://onnx.ai/onnx/operators/onnx__LSTM.html">the specification</a>
 */
record OnnxCell(
    Kind kind, List<Activation> activations, float clip, boolean inputForget, boolean peepholes)
    implements UnitCell {
  /** Peepholes in the order in which ONNX has them: of the gates i, o and f. */
  static final List<String> PEEPHOLES = List.of("weight_ci", "weight_co", "weight_cf");

  @Override
  public String name() {
    return "onnx_" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int gates() {
    return kind.gates();
  }

  @Override
  public List<StatePart> states() {
    return kind == Kind.LSTM ? StatePart.H_AND_C : StatePart.ONLY_H;
  }

  @Override
  public boolean splitsLastGate() {
    return kind == Kind.GRU;
  }

  @Override
  public List<String> vectors() {
    return peepholes ? PEEPHOLES : List.of();
  }

  @Override
  public void forward(Unit u) {
    switch (kind) {
      case RNN -> u.h = f(u.gate[0]);
      case LSTM -> {
        float i = f(u.gate[0] + peephole(u, 0, u.cBefore));
        float f = inputForget ? 1 - i : f(u.gate[1] + peephole(u, 2, u.cBefore));
        u.c = f * u.cBefore + i * g(u.gate[2]);
        float o = f(u.gate[3] + peephole(u, 1, u.c));
        u.h = o * activations.get(2).of(u.c);
      }
      case GRU -> {
        float r = f(u.gate[0]);
        float z = f(u.gate[1]);
        float n = g(u.gate[2] + r * u.recurrent);
        u.h = (1 - z) * n + z * u.hBefore;
      }
    }
  }

  private float peephole(Unit u, int i, float cell) {
    return peepholes ? u.vector[i] * cell : 0;
  }

  private float f(float sum) {
    return activations.get(0).of(sum, clip);
  }

  private float g(float sum) {
    return activations.get(1).of(sum, clip);
  }
}
