package dev.unroll.bench.benchmark;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.dynamics.Newton;
import dev.unroll.dynamics.Newton.Jacobian;
import dev.unroll.dynamics.Newton.Options;
import dev.unroll.dynamics.Newton.Outcome;
import dev.unroll.dynamics.Newton.Solution;
import dev.unroll.run.DiagonalNewton;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.ScanForm;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Ways over time: one sequence forward through a GRU step by step, through the same GRU by Newton's
 * method on all steps at once, with a full Jacobian (its linear recurrence solved step by step or
 * in blocks) or a diagonal one, and through a minGRU by a scan; and through ParaGRU and ParaLSTM,
 * whose Jacobians are diagonal, step by step and by Newton's method in one visit an iteration. I =
 * H; x is normal, weights are PyTorch's default initialization. What Newton's method finds is
 * compared with the serial states before it is timed; its iterations and the largest difference are
 * reported.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh OverTime -p steps=256,1024 -p threads=1,2"</pre>
 */
@State(Scope.Benchmark)
public class OverTime extends Timed {
  /** Largest change that ends Newton's method, and largest difference from step by step. */
  private static final double TOLERANCE = 1e-4;

  /** Largest residual that ends it where an iteration is one visit. */
  private static final double RESIDUAL = 1e-5;

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
    DEER_IN_BLOCKS,
    /** The ParaGRU, step by step. */
    PARA_GRU,
    /** The ParaGRU, Newton in one visit an iteration. */
    PARA_GRU_NEWTON,
    /** The ParaLSTM, step by step. */
    PARA_LSTM,
    /** The ParaLSTM, Newton in one visit an iteration. */
    PARA_LSTM_NEWTON;

    String cell() {
      return switch (this) {
        case SCAN -> "min_gru";
        case PARA_GRU, PARA_GRU_NEWTON -> "para_gru";
        case PARA_LSTM, PARA_LSTM_NEWTON -> "para_lstm";
        case SERIAL, QUASI_DEER, DEER, DEER_IN_BLOCKS -> "gru";
      };
    }

    private boolean newton() {
      return this == QUASI_DEER || this == DEER || this == DEER_IN_BLOCKS;
    }

    private boolean fused() {
      return this == PARA_GRU_NEWTON || this == PARA_LSTM_NEWTON;
    }
  }

  /** What Newton's method took, reported beside the time. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Solved {
    /** Iterations of a call. */
    public double iterations;

    /** The largest difference from step by step. */
    public double error;

    /** Made by JMH. */
    public Solved() {}
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
  private @Nullable DiagonalNewton fused;
  private int iterations;
  private double error;

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
    fused = null;
    if (way.newton()) {
      Solution solution = solve();
      if (solution.outcome() != Outcome.CONVERGED) {
        throw new IllegalStateException(solution.outcome() + "; nothing was timed");
      }
      iterations = solution.iterations();
      compare(solution.states());
    } else if (way.fused()) {
      DiagonalNewton solver = new DiagonalNewton(network, steps, RESIDUAL, steps, team);
      float[] solution = new float[y.length];
      if (!solver.solve(x, null, solution)) {
        throw new IllegalStateException(
            "after %d iterations the residual is %s; nothing was timed"
                .formatted(solver.iterations(), solver.residual()));
      }
      iterations = solver.iterations();
      fused = solver;
      compare(solution);
    }
  }

  private void compare(float[] solution) {
    error = 0;
    for (int i = 0; i < y.length; i++) {
      double difference = Math.abs(solution[i] - y[i]);
      if (!(difference <= TOLERANCE)) {
        throw new IllegalStateException(
            "h[%d,%d] is %s, but step by step it is %s; nothing was timed"
                .formatted(i / hidden, i % hidden, solution[i], y[i]));
      }
      error = Math.max(error, difference);
    }
  }

  private Solution solve() {
    return Newton.solve(network, x, steps, null, options, team);
  }

  /** One sequence. */
  @Benchmark
  public float[] call(Solved solved) {
    solved.iterations = iterations;
    solved.error = error;
    if (way.newton()) {
      return solve().states();
    }
    if (fused != null) {
      fused.solve(x, null, y);
      return y;
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
