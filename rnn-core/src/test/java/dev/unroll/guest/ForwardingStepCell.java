package dev.unroll.guest;

import dev.unroll.cell.Cells;
import dev.unroll.cell.StatePart;
import dev.unroll.cell.StepCell;
import java.util.List;

/** One of the library's step cells, for a test to change something about it. */
public class ForwardingStepCell implements StepCell {
  private final StepCell cell;

  /** Stands for the cell of that name. */
  public ForwardingStepCell(String name) {
    cell = (StepCell) Cells.named(name);
  }

  @Override
  public String name() {
    return cell.name();
  }

  @Override
  public int gates() {
    return cell.gates();
  }

  @Override
  public List<StatePart> states() {
    return cell.states();
  }

  @Override
  public int slots() {
    return cell.slots();
  }

  @Override
  public int gate(int slot) {
    return cell.gate(slot);
  }

  @Override
  public Slots inputSlots() {
    return cell.inputSlots();
  }

  @Override
  public Slots hiddenSlots() {
    return cell.hiddenSlots();
  }

  @Override
  public void forward(
      int rows, float[] gates, int g0, int ldg, float[][] states, int before, int after, int ld) {
    cell.forward(rows, gates, g0, ldg, states, before, after, ld);
  }

  @Override
  public void backward(
      int rows,
      float[] gates,
      int g0,
      float[][] states,
      int before,
      int after,
      float[][] gradients,
      int d0,
      int ld) {
    cell.backward(rows, gates, g0, states, before, after, gradients, d0, ld);
    afterBackward(gates, g0, gradients, d0);
  }

  /** What a test does to the first row after it has gone back. */
  protected void afterBackward(float[] gates, int g0, float[][] gradients, int d0) {}
}
