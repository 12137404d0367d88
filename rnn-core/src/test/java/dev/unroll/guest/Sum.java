package dev.unroll.guest;

import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import java.util.ArrayList;
import java.util.List;

/** Any number of gates, split or not; h_t is a sum of all that a unit is given. */
public record Sum(int gates, boolean splitsLastGate, boolean hasRecurrentProduct)
    implements UnitCell {
  /** {@return every way in which gates can lie in memory} */
  public static List<UnitCell> all() {
    List<UnitCell> all = new ArrayList<>();
    for (int gates = 1; gates <= 4; gates++) {
      all.add(new Sum(gates, false, true));
      all.add(new Sum(gates, false, false));
      if (gates < 4) {
        all.add(new Sum(gates, true, true));
      }
    }
    return all;
  }

  @Override
  public String name() {
    return "sum";
  }

  @Override
  public void forward(Unit u) {
    u.h = .25f * u.recurrent - .5f * u.hBefore;
    for (int gate = 0; gate < gates; gate++) {
      u.h += .2f * (gate + 1) * u.gate[gate];
    }
  }

  @Override
  public void backward(Unit u) {
    // Added to: each call begins at zero.
    u.dRecurrent += .25f * u.dh;
    u.dhBefore -= .5f * u.dh;
    for (int gate = 0; gate < gates; gate++) {
      u.dGate[gate] += .2f * (gate + 1) * u.dh;
    }
  }
}
