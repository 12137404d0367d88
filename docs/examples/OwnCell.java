import dev.unroll.cell.Initializer;
import dev.unroll.cell.Unit;
import dev.unroll.cell.UnitCell;
import dev.unroll.check.Gradients;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import java.util.List;

/** A cell of one's own, checked, and two layers of it. */
class OwnCell {
  public static void main(String[] args) {
    Gradients.check(new IndRnn()); // against finite differences; throws if they differ
    var network = new Recurrent(RecurrentConfig.of(new IndRnn(), 8, 32).withNumLayers(2));
    Initializer.recurrentDefault(network.parameters(), "", 32, Initializer.random(1));
    float[] y = network.forward(new float[] {1, 0, 0, 0, 0, 0, 0, 0}, 1, 1);
    System.out.println(network.parameters().size() + " parameters, " + y.length + " outputs");
  }
  // shown: begin
  /** The IndRNN (Li et al. 2018): h_t = max(0, W x_t + b + u * h_(t-1)), one weight u a unit. */
  static class IndRnn implements UnitCell {
    public String name() { return "indrnn"; }
    public int gates() { return 1; }
    public boolean hasRecurrentProduct() { return false; }
    public List<String> vectors() { return List.of("weight_hh"); }

    public void forward(Unit u) {
      u.h = Math.max(0, u.gate[0] + u.vector[0] * u.hBefore);
    }

    public void backward(Unit u) {
      float ds = u.h > 0 ? u.dh : 0;
      u.dGate[0] = ds;
      u.dVector[0] = ds * u.hBefore;
      u.dhBefore = ds * u.vector[0];
    }
  }
  // shown: end
}
