package dev.unroll.guest;

import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import java.util.List;

/** The independently recurrent network (Li et al. 2018): one recurrent weight a unit. */
public final class IndRnn implements UnitCell {
  @Override
  public String name() {
    return "indrnn";
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public boolean hasRecurrentProduct() {
    return false;
  }

  @Override
  public List<String> vectors() {
    return List.of("weight_hh");
  }

  @Override
  public void forward(Unit u) {
    u.h = Math.max(0, u.gate[0] + u.vector[0] * u.hBefore);
  }

  @Override
  public void backward(Unit u) {
    float ds = u.h > 0 ? u.dh : 0;
    u.dGate[0] = ds;
    u.dVector[0] = ds * u.hBefore;
    u.dhBefore = ds * u.vector[0];
  }
}
