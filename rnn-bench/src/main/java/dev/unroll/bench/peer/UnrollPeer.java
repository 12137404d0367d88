package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.result.Comparison;
import dev.unroll.cell.Parameters;
import dev.unroll.run.ForwardPart;
import dev.unroll.run.Recurrent;
import dev.unroll.run.Stepper;
import dev.unroll.run.Stream;
import dev.unroll.run.Team;
import dev.unroll.run.WeightFormat;
import dev.unroll.run.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * This library. A training step marks the weights as changed, as the optimizer that would come
 * after it does, so the packing of weights is timed with it; it clears the gradients, as the
 * others' fresh ones are. Weights of fewer bits are for inference.
 */
public final class UnrollPeer implements Peer {
  /** How far outputs with weights of fewer bits may be off. */
  private static final double ROUNDED_TOLERANCE = .05;

  private final WeightFormat format;

  /** Makes the peer with weights of floats. */
  public UnrollPeer() {
    this(WeightFormat.F32);
  }

  /** Makes the peer with weights in a format. */
  public UnrollPeer(WeightFormat format) {
    this.format = format;
  }

  /** In what its weights are read. */
  public WeightFormat format() {
    return format;
  }

  @Override
  public String label() {
    return Comparison.OURS + (format == WeightFormat.F32 ? "" : " " + format.label());
  }

  @Override
  public double tolerance() {
    return format == WeightFormat.F32 ? Checks.TOLERANCE : ROUNDED_TOLERANCE;
  }

  @Override
  public boolean supports(Workload workload) {
    return format == WeightFormat.F32 || workload.mode() == Mode.FORWARD;
  }

  @Override
  public UnrollLayer prepare(Workload workload, Operands operands) {
    UnrollLayer floats = new UnrollLayer(workload, operands);
    return format == WeightFormat.F32 ? floats : floats.withWeights(format);
  }

  @Override
  public Optional<StreamServer> serve(Workload workload, Operands operands, int largest) {
    return Optional.of(new Streams(prepare(workload, operands).recurrent(), largest));
  }

  private static final class Streams implements StreamServer {
    private final Recurrent network;
    private final Stepper stepper;
    private final List<Stream> streams = new ArrayList<>();
    private final Stream[] together;

    Streams(Recurrent network, int largest) {
      this.network = network;
      stepper = network.stepper(largest);
      together = new Stream[largest];
    }

    @Override
    public void open(int count) {
      for (int i = 0; i < count; i++) {
        streams.add(network.stream(1));
      }
    }

    @Override
    public void step(int[] numbers, int count, float[] x, float[] y) {
      for (int i = 0; i < count; i++) {
        together[i] = streams.get(numbers[i]);
      }
      stepper.step(together, count, x, y);
    }

    @Override
    public void close() {}
  }

  /**
   * Prepares a workload, runs it once and checks what it computed against double precision, its
   * gradients on a shorter run of the same layer.
   *
   * @throws IllegalStateException if a value is wrong
   */
  public static UnrollLayer verified(Workload workload, Operands operands) {
    if (workload.mode() == Mode.TRAINING) {
      Shape s = workload.shape();
      Shape little =
          new Shape(Math.min(2, s.batch()), Math.min(6, s.steps()), s.inputSize(), s.hiddenSize());
      Workload twin =
          new Workload(
              workload.cell(), workload.mode(), little, workload.threads(), workload.heads());
      Operands some = Operands.of(twin, 1);
      try (UnrollLayer layer = new UnrollLayer(twin, some)) {
        layer.run();
        Checks.gradients(twin, some, layer.results());
      }
    }
    UnrollLayer layer = new UnrollLayer(workload, operands);
    layer.run();
    Checks.outputs(workload, operands, layer.y);
    return layer;
  }

  /** One layer with its workspace and threads. */
  public static final class UnrollLayer implements Layer {
    private final boolean training;
    private final float[] x;
    private final float[] gradY;
    private final Parameters parameters;
    private final Recurrent recurrent;
    private final Team team;
    private final Workspace workspace;
    private final float[] y;
    private final float[] gradX;

    private UnrollLayer(UnrollLayer floats, WeightFormat format) {
      training = false;
      x = floats.x;
      gradY = floats.gradY;
      parameters = floats.parameters;
      recurrent = floats.recurrent.withWeights(format);
      team = floats.team;
      workspace =
          recurrent.workspace(floats.workspace.steps(), floats.workspace.batch(), false, team);
      y = new float[floats.y.length];
      gradX = floats.gradX;
    }

    private UnrollLayer(Workload workload, Operands operands) {
      Shape s = workload.shape();
      training = workload.mode() == Mode.TRAINING;
      x = operands.x();
      gradY = operands.gradY();
      parameters = new Parameters();
      recurrent = new Recurrent(parameters, "", workload.config());
      operands.parameters().forEach(this::write);
      parameters.changed();
      team = new Team(workload.threads());
      workspace = recurrent.workspace(s.steps(), s.batch(), training, team);
      y = new float[s.steps() * s.batch() * workload.outputs()];
      gradX = new float[training ? x.length : 0];
    }

    private void write(String name, float[] values) {
      int offset = parameters.slice(name).offset();
      System.arraycopy(values, 0, parameters.values(), offset, values.length);
    }

    @Override
    public void run() {
      runForward();
      if (training) {
        recurrent.backward(workspace, x, gradY, null, gradX, null);
      }
    }

    /** The forward pass, or the forward half of a training step. */
    public void runForward() {
      if (training) {
        parameters.changed();
        parameters.zeroGradients();
      }
      recurrent.forward(workspace, x, null, null, y, null);
    }

    /** The layer in inference, on the same threads, with its weights in another format. */
    public UnrollLayer withWeights(WeightFormat format) {
      return new UnrollLayer(this, format);
    }

    /** The layer, for streams through it. */
    public Recurrent recurrent() {
      return recurrent;
    }

    /**
     * Lets {@link #runForward} do one part of its work only.
     *
     * @throws IllegalArgumentException if the cell is not one that goes step by step
     */
    public void restrictTo(ForwardPart part) {
      workspace.restrictTo(part);
    }

    @Override
    public Map<String, float[]> results() {
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", y.clone());
      if (training) {
        results.put("x", gradX.clone());
        for (Parameters.Slice slice : parameters.slices()) {
          int from = slice.offset();
          results.put(
              slice.name().replace("_l0", ""),
              Arrays.copyOfRange(parameters.gradients(), from, from + slice.size()));
        }
      }
      return results;
    }

    @Override
    public void close() {
      team.close();
    }
  }
}
