package dev.unroll.guest;

import dev.unroll.cell.StatePart;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import java.util.List;

/** The LSTM whose gates also see the cell state (Gers and Schmidhuber 2000): i, f, g, o. */
public class PeepholeLstm implements UnitCell {
  private static final int I = 0;
  private static final int F = 1;
  private static final int G = 2;
  private static final int O = 3;

  @Override
  public String name() {
    return "peephole_lstm";
  }

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public List<StatePart> states() {
    return StatePart.H_AND_C;
  }

  /** Of i and f, which see c_(t-1), and of o, which sees c_t. */
  @Override
  public List<String> vectors() {
    return List.of("weight_ci", "weight_cf", "weight_co");
  }

  @Override
  public void forward(Unit u) {
    float i = UnitCell.sigmoid(u.gate[I] + u.vector[0] * u.cBefore);
    float f = UnitCell.sigmoid(u.gate[F] + u.vector[1] * u.cBefore);
    u.c = f * u.cBefore + i * UnitCell.tanh(u.gate[G]);
    u.h = UnitCell.sigmoid(u.gate[O] + u.vector[2] * u.c) * UnitCell.tanh(u.c);
  }

  @Override
  public void backward(Unit u) {
    float i = UnitCell.sigmoid(u.gate[I] + u.vector[0] * u.cBefore);
    float f = UnitCell.sigmoid(u.gate[F] + u.vector[1] * u.cBefore);
    float g = UnitCell.tanh(u.gate[G]);
    float o = UnitCell.sigmoid(u.gate[O] + u.vector[2] * u.c);
    float t = UnitCell.tanh(u.c);
    u.dGate[O] = u.dh * t * o * (1 - o);
    float dc = u.dc + u.dh * o * (1 - t * t) + u.dGate[O] * u.vector[2];
    u.dGate[I] = dc * g * i * (1 - i);
    u.dGate[F] = dc * u.cBefore * f * (1 - f);
    u.dGate[G] = dc * i * (1 - g * g);
    u.dVector[0] = u.dGate[I] * u.cBefore;
    u.dVector[1] = u.dGate[F] * u.cBefore;
    u.dVector[2] = u.dGate[O] * u.c;
    u.dcBefore = dc * f + u.dGate[I] * u.vector[0] + u.dGate[F] * u.vector[1];
  }
}
