package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.peer.UnrollPeer.UnrollLayer;
import dev.unroll.bench.result.WeightFormatRow;
import dev.unroll.run.Stepper;
import dev.unroll.run.Stream;
import dev.unroll.run.WeightFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The measuring process of {@code bytes}: sends the rows of each workload. */
public final class BytesFork {
  /** One call is a step of a stream. */
  static final String STEP = "step";

  /** One call is a whole pass. */
  static final String PASS = "pass";

  private static final long SEED = 20_26;

  /** Steps that a stream takes before it is timed, beside those of a pass. */
  private static final int CHECKED_STEPS = 4;

  /** How far outputs may be from those with floats, of which the largest is about 1. */
  private static final double TOLERANCE = .05;

  private BytesFork() {}

  /**
   * Measures workloads.
   *
   * @param args seconds for each workload, then workloads as {@code cell/mode/threads/B,T,I,H}
   */
  public static void main(String[] args) throws Exception {
    for (int i = 1; i < args.length; i++) {
      String[] parts = args[i].split("/", -1);
      Workload workload =
          new Workload(parts[0], Mode.FORWARD, Shape.parse(parts[3]), Integer.parseInt(parts[2]));
      measure(workload, parts[1].equals(STEP), Double.parseDouble(args[0]));
    }
  }

  private static void measure(Workload timed, boolean step, double seconds) throws Exception {
    Shape s = timed.shape();
    Workload checked =
        step
            ? new Workload(
                timed.cell(),
                Mode.FORWARD,
                new Shape(s.batch(), CHECKED_STEPS, s.inputSize(), s.hiddenSize()),
                1)
            : timed;
    Operands operands = Operands.of(checked, SEED);
    List<String> labels = new ArrayList<>();
    List<Peer.Layer> layers = new ArrayList<>();
    try (UnrollLayer floats = UnrollPeer.verified(checked, operands)) {
      float[] expected = y(floats);
      for (WeightFormat format : WeightFormat.values()) {
        UnrollLayer layer = floats.withWeights(format);
        layer.run();
        requireClose(checked, format.label(), y(layer), expected);
        labels.add(format.label());
        layers.add(step ? new Step(checked, operands, layer) : layer);
      }
      for (long nanos : new long[] {Interleaved.JAVA_WARM_UP_NANOS, Interleaved.WARM_UP_NANOS}) {
        for (Peer.Layer layer : layers) {
          Interleaved.warmUp(layer, nanos);
        }
      }
      System.gc(); // what preparing left behind, now rather than inside a turn
      List<Interleaved.Player> players = new ArrayList<>();
      layers.forEach(layer -> players.add(() -> Interleaved.turn(layer)));
      double[][] rounds = Interleaved.rounds(players, seconds, SEED);
      for (int i = 0; i < rounds.length; i++) {
        double[] ratio = Interleaved.ratio(rounds[0], rounds[i]);
        Message.send(
            "row",
            new WeightFormatRow(
                timed.cell(),
                labels.get(i),
                step ? STEP : PASS,
                s.batch(),
                s.steps(),
                s.hiddenSize(),
                timed.threads(),
                Interleaved.median(rounds[i]),
                ratio[0],
                ratio[1],
                ratio[2]));
      }
    }
  }

  private static float[] y(Peer.Layer layer) throws Exception {
    return Objects.requireNonNull(layer.results().get("y"));
  }

  private static void requireClose(
      Workload workload, String format, float[] actual, float[] expected) {
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE)) {
        throw new IllegalStateException(
            "%s: output %d is %s with %s, but %s with floats; nothing was timed"
                .formatted(workload, i, actual[i], format, expected[i]));
      }
    }
  }

  /** A step of a stream whose first steps had the bits of a pass. */
  private static final class Step implements Peer.Layer {
    private final Stepper stepper;
    private final Stream stream;
    private final float[] x;
    private final float[] y;

    Step(Workload workload, Operands operands, UnrollLayer layer) {
      Shape s = workload.shape();
      float[] whole = layer.results().get("y");
      stepper = layer.recurrent().stepper(s.batch());
      stream = layer.recurrent().stream(s.batch());
      int in = s.batch() * s.inputSize();
      int out = s.batch() * workload.outputs();
      y = new float[out];
      for (int t = 0; t < s.steps(); t++) {
        stepper.step(stream, Arrays.copyOfRange(operands.x(), t * in, (t + 1) * in), y);
        if (!Arrays.equals(y, 0, out, whole, t * out, (t + 1) * out)) {
          throw new IllegalStateException(
              "%s: step %d of a stream differs from the pass; nothing was timed"
                  .formatted(workload, t));
        }
      }
      x = Arrays.copyOf(operands.x(), in);
    }

    @Override
    public void run() {
      stepper.step(stream, x, y);
    }

    @Override
    public Map<String, float[]> results() {
      return Map.of("y", y);
    }

    @Override
    public void close() {}
  }
}
