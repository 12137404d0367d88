package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.UnitCell;
import dev.unroll.guest.Guests;
import dev.unroll.verify.Oracle;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A configuration and a shape with seeded data; the doubles are rounded to float, so that both
 * paths see the same numbers.
 */
record RecurrentCase(RecurrentConfig config, int steps, int batch, boolean variableLengths) {
  /**
   * Everything that goes in, and the gradients of what comes out; {@code first} and {@code
   * upstream} are the initial state and the gradient to the last, part by part.
   */
  record Data(
      RecurrentConfig config,
      Parameters layout,
      Recurrent recurrent,
      Map<String, double[]> parameters,
      double[] x,
      double[][] first,
      double[] gradY,
      double[][] upstream,
      int[] lengths) {
    Oracle oracle() {
      return new Oracle(config, parameters);
    }

    double objective() {
      Oracle.Output out = oracle().forward(x, first, lengths);
      double sum = dot(out.y(), gradY);
      for (int i = 0; i < upstream.length; i++) {
        if (config.cell().states().get(i).differentiable()) {
          sum += dot(out.last()[i], upstream[i]);
        }
      }
      return sum;
    }

    State initial() {
      return state(first);
    }

    State gradLast() {
      return state(upstream);
    }

    private State state(double[][] parts) {
      return State.of(
          config.cell(), Arrays.stream(parts).map(RecurrentCase::floats).toArray(float[][]::new));
    }
  }

  /** The same with heads and, where it has any, keys of another size than the values. */
  static RecurrentConfig withHeads(RecurrentConfig config, int heads) {
    if (!config.cell().hasHeads()) {
      return config;
    }
    RecurrentConfig divided = config.withHeads(heads);
    return config.cell().hasKeys() ? divided.withKeySize(config.hiddenSize() / heads + 1) : divided;
  }

  /** Any shape: most of them small, some past what a tile, a block of steps or a thread takes. */
  static RecurrentCase random(RandomGenerator random) {
    List<Cell> cells = Guests.andOurs();
    Cell cell = cells.get(random.nextInt(cells.size()));
    int hidden = upTo(random, 24, 150);
    RecurrentConfig config =
        RecurrentConfig.of(cell, upTo(random, 12, 90), hidden)
            .withNumLayers(1 + random.nextInt(3))
            .withBias(random.nextInt(4) > 0)
            .withBidirectional(random.nextInt(3) == 0);
    if (RecurrentConfig.takesProjection(cell) && hidden > 1 && random.nextBoolean()) {
      config = config.withProjSize(1 + random.nextInt(hidden - 1));
    }
    for (int heads = 3; heads > 1 && config.heads() == 1; heads--) {
      config = hidden % heads == 0 ? withHeads(config, heads) : config;
    }
    if (config.numLayers() > 1 && random.nextInt(3) == 0) {
      config = config.withDropout(random.nextDouble());
    }
    return new RecurrentCase(
        config, upTo(random, 9, 140), upTo(random, 6, 35), random.nextBoolean());
  }

  private static int upTo(RandomGenerator random, int usual, int seldom) {
    return 1 + random.nextInt(random.nextInt(6) == 0 ? seldom : usual);
  }

  Data data() {
    RandomGenerator random = Initializer.random(7);
    Parameters layout = new Parameters();
    Recurrent recurrent = new Recurrent(layout, "", config);
    int rows = config.numLayers() * config.numDirections() * batch;
    int[] lengths = new int[batch];
    for (int b = 0; b < batch; b++) {
      lengths[b] = variableLengths ? 1 + (b * 5 + steps - 1) % steps : steps;
    }
    Data data =
        new Data(
            config,
            layout,
            recurrent,
            parameters(random, layout),
            draw(random, steps * batch * config.inputSize(), 1),
            states(random, rows),
            draw(random, steps * batch * config.outputSize(), 1),
            states(random, rows),
            lengths);
    data.parameters.forEach(
        (name, values) ->
            System.arraycopy(
                floats(values), 0, layout.values(), layout.slice(name).offset(), values.length));
    layout.changed();
    return data;
  }

  private double[][] states(RandomGenerator random, int rows) {
    return config.cell().states().stream()
        .map(
            part -> {
              double[] values = draw(random, rows * config.width(part), 1);
              // A normalizer is above 0.
              return part.name().equals("n")
                  ? Arrays.stream(values).map(value -> value + 2).toArray()
                  : values;
            })
        .toArray(double[][]::new);
  }

  private Map<String, double[]> parameters(RandomGenerator random, Parameters layout) {
    double bound = 1 / Math.sqrt(config.hiddenSize());
    Map<String, double[]> parameters = new LinkedHashMap<>();
    layout
        .slices()
        .forEach(slice -> parameters.put(slice.name(), draw(random, slice.size(), bound)));
    return parameters;
  }

  private static double[] draw(RandomGenerator random, int size, double scale) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (scale * (2 * random.nextDouble() - 1));
    }
    return values;
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public String toString() {
    return "%s I=%d H=%d%s L=%d D=%d%s%s%s T=%d B=%d%s"
        .formatted(
            config.cell() instanceof UnitCell
                ? "easy " + config.cell().name()
                : config.cell().name(),
            config.inputSize(),
            config.hiddenSize(),
            config.heads() > 1 ? " N=" + config.heads() + " K=" + config.keySize() : "",
            config.numLayers(),
            config.numDirections(),
            config.bias() ? "" : " no bias",
            config.projSize() > 0 ? " P=" + config.projSize() : "",
            config.dropout() > 0 ? " dropout=" + config.dropout() : "",
            steps,
            batch,
            variableLengths ? " lengths" : "");
  }
}
