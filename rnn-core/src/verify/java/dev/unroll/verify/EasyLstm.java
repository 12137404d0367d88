package dev.unroll.verify;

import dev.unroll.cell.StatePart;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import java.util.List;

/** PyTorch's LSTM in the easy form of a cell, to hold beside the fast one. */
public class EasyLstm implements UnitCell {
  @Override
  public String name() {
    return "lstm";
  }

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public List<StatePart> states() {
    return StatePart.H_AND_C;
  }

  @Override
  public void forward(Unit u) {
    float i = UnitCell.sigmoid(u.gate[0]);
    float f = UnitCell.sigmoid(u.gate[1]);
    u.c = f * u.cBefore + i * UnitCell.tanh(u.gate[2]);
    u.h = UnitCell.sigmoid(u.gate[3]) * UnitCell.tanh(u.c);
  }

  @Override
  public void backward(Unit u) {
    float i = UnitCell.sigmoid(u.gate[0]);
    float f = UnitCell.sigmoid(u.gate[1]);
    float g = UnitCell.tanh(u.gate[2]);
    float o = UnitCell.sigmoid(u.gate[3]);
    float t = UnitCell.tanh(u.c);
    float dc = u.dc + u.dh * o * (1 - t * t);
    u.dGate[0] = dc * g * i * (1 - i);
    u.dGate[1] = dc * u.cBefore * f * (1 - f);
    u.dGate[2] = dc * i * (1 - g * g);
    u.dGate[3] = u.dh * t * o * (1 - o);
    u.dcBefore = dc * f;
  }
}
