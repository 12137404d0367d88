package dev.unroll.bench.benchmark;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.UnitCell;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Workspace;
import dev.unroll.verify.EasyLstm;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What a cell costs whose equations are those of one unit in plain floats, a {@link UnitCell}: the
 * LSTM in that form beside the library's, a step inside a forward pass of {@value #STEPS} on one
 * thread, I = H. Seeded normal inputs, PyTorch's initialization; the two forms are held against
 * each other before anything is timed.
 *
 * <pre>./unroll jmh EasyForm</pre>
 */
@State(Scope.Benchmark)
public class EasyForm extends Timed {
  private static final int STEPS = 100;

  /** Which form. */
  @Param({"fast", "easy"})
  public String form;

  /** B. */
  @Param({"1", "64"})
  public int batch;

  /** I and H. */
  @Param("128")
  public int hidden;

  private Recurrent network;
  private Workspace workspace;
  private float[] x;
  private float[] y;

  /** Made by JMH. */
  public EasyForm() {}

  /** Builds the form's network and compares its outputs with the other one's. */
  @Setup
  public void build() {
    Cell fast = Cells.named("lstm");
    Cell easy = new EasyLstm();
    network = network(form.equals("easy") ? easy : fast);
    workspace = network.workspace(STEPS, batch, false);
    x = new float[STEPS * batch * hidden];
    RandomGenerator random = Initializer.random(2);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    y = new float[x.length];
    step();
    float[] other = network(form.equals("easy") ? fast : easy).forward(x, STEPS, batch);
    for (int i = 0; i < y.length; i++) {
      if (!(Math.abs(y[i] - other[i]) <= 1e-5)) {
        throw new IllegalStateException(
            "The two forms give %s and %s at %d; nothing was timed".formatted(y[i], other[i], i));
      }
    }
  }

  private Recurrent network(Cell cell) {
    Recurrent made = new Recurrent(RecurrentConfig.of(cell, hidden, hidden));
    Initializer.recurrentDefault(made.parameters(), "", hidden, Initializer.random(1));
    return made;
  }

  /** A step inside a pass. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void step() {
    network.forward(workspace, x, y);
  }
}
