package dev.unroll.bench.benchmark;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.dynamics.Newton;
import dev.unroll.dynamics.Newton.Jacobian;
import dev.unroll.dynamics.Newton.Options;
import dev.unroll.dynamics.Newton.Outcome;
import dev.unroll.dynamics.Newton.Solution;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.ScanForm;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Ways over time: one sequence forward through a GRU step by step, through the same GRU by Newton's
 * method on all steps at once, with a full Jacobian (its linear recurrence solved step by step or
 * in blocks) or a diagonal one, and through a minGRU by a scan. I = H; x is normal, weights are
 * PyTorch's default initialization. What Newton's method finds is compared with the serial states
 * before it is timed, and its iterations are printed.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh OverTime -p steps=256,1024 -p threads=1,2"</pre>
 */
@State(Scope.Benchmark)
public class OverTime extends Timed {
  /** Largest change that ends Newton's method, and largest difference from step by step. */
  private static final double TOLERANCE = 1e-4;

  /** How to get over time. */
  public enum Way {
    /** The GRU, step by step. */
    SERIAL,
    /** The minGRU, a scan. */
    SCAN,
    /** The GRU, Newton with a diagonal Jacobian. */
    QUASI_DEER,
    /** The GRU, Newton with a full Jacobian. */
    DEER,
    /** The same in blocks, which costs H times the work: only for threads to share it. */
    DEER_IN_BLOCKS;

    String cell() {
      return this == SCAN ? "min_gru" : "gru";
    }

    private boolean newton() {
      return this != SERIAL && this != SCAN;
    }
  }

  /** How to get over time. */
  @Param public Way way;

  /** T. */
  @Param({"256", "1024"})
  public int steps;

  /** I and H. */
  @Param("64")
  public int hidden;

  /** Threads; JMH's stay at one. */
  @Param({"1", "2"})
  public int threads;

  private Team team = Team.single();
  private Recurrent network =
      new Recurrent(new Parameters(), "", RecurrentConfig.of(Cells.named("gru"), 1, 1));
  private Workspace workspace = network.workspace(1, 1, false, team);
  private Options options = Options.deer();
  private float[] x = {};
  private float[] y = {};

  /** Made by JMH. */
  public OverTime() {}

  /** Builds the layer; solves once and checks the solution. */
  @Setup
  public void verify() {
    RandomGenerator random = Initializer.random(1);
    Parameters parameters = new Parameters();
    network =
        new Recurrent(parameters, "", RecurrentConfig.of(Cells.named(way.cell()), hidden, hidden));
    Initializer.recurrentDefault(parameters, "", hidden, random);
    x = new float[steps * hidden];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    y = new float[steps * hidden];
    team = new Team(threads);
    workspace = network.workspace(steps, 1, false, team);
    network.forward(workspace, x, null, null, y, null);
    options =
        Options.deer()
            .withTolerance(TOLERANCE)
            .withMaxIterations(steps)
            .withJacobian(way == Way.QUASI_DEER ? Jacobian.DIAGONAL : Jacobian.FULL)
            .withForm(way == Way.DEER ? ScanForm.SERIAL : ScanForm.BLOCKED);
    if (way.newton()) {
      Solution solution = solve();
      if (solution.outcome() != Outcome.CONVERGED) {
        throw new IllegalStateException(solution.outcome() + "; nothing was timed");
      }
      for (int i = 0; i < y.length; i++) {
        if (!(Math.abs(solution.states()[i] - y[i]) <= TOLERANCE)) {
          throw new IllegalStateException(
              "h[%d,%d] is %s, but step by step it is %s; nothing was timed"
                  .formatted(i / hidden, i % hidden, solution.states()[i], y[i]));
        }
      }
      System.out.println(solution.iterations() + " iterations");
    }
  }

  private Solution solve() {
    return Newton.solve(network, x, steps, null, options, team);
  }

  /** One sequence. */
  @Benchmark
  public float[] call() {
    if (way.newton()) {
      return solve().states();
    }
    network.forward(workspace, x, null, null, y, null);
    return y;
  }

  /** Ends the threads. */
  @TearDown
  public void close() {
    team.close();
  }
}
