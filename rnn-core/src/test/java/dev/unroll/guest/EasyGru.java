package dev.unroll.guest;

import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;

/** PyTorch's GRU in the easy form: r acts on the recurrent product of n. */
public class EasyGru implements UnitCell {
  @Override
  public String name() {
    return "gru";
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public boolean splitsLastGate() {
    return true;
  }

  @Override
  public void forward(Unit u) {
    float r = UnitCell.sigmoid(u.gate[0]);
    float z = UnitCell.sigmoid(u.gate[1]);
    float n = UnitCell.tanh(u.gate[2] + r * u.recurrent);
    u.h = (1 - z) * n + z * u.hBefore;
  }

  @Override
  public void backward(Unit u) {
    float r = UnitCell.sigmoid(u.gate[0]);
    float z = UnitCell.sigmoid(u.gate[1]);
    float n = UnitCell.tanh(u.gate[2] + r * u.recurrent);
    u.dGate[2] = u.dh * (1 - z) * (1 - n * n);
    u.dRecurrent = u.dGate[2] * r;
    u.dGate[0] = u.dGate[2] * u.recurrent * r * (1 - r);
    u.dGate[1] = u.dh * (u.hBefore - n) * z * (1 - z);
    u.dhBefore = u.dh * z;
  }
}
