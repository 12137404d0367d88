package dev.unroll.bench.layer;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StripCell;
import dev.unroll.run.Recurrent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The numbers a recurrent layer works on: the same for every peer, drawn from a seed. Weights are
 * PyTorch's layout and default initialization; x and gradY are normal.
 *
 * @param weightIh [G*H, I]; empty for a cell with heads
 * @param weightHh [G*H, H]; empty where the cell has none
 * @param biasIh [G*H]; empty for a cell with heads
 * @param biasHh [G*H]; empty where the cell has none
 * @param own the parameters that only this cell has, by name; all of them for a cell with heads
 * @param x [T, B, I]
 * @param gradY like y, the loss's gradient with respect to it
 */
public record Operands(
    float[] weightIh,
    float[] weightHh,
    float[] biasIh,
    float[] biasHh,
    Map<String, float[]> own,
    float[] x,
    float[] gradY) {
  private static final String LAYER = "_l0";

  /** {@return the parameters by the names of a network of one layer} */
  public Map<String, float[]> parameters() {
    Map<String, float[]> all = new LinkedHashMap<>();
    all.put("weight_ih", weightIh);
    all.put("weight_hh", weightHh);
    all.put("bias_ih", biasIh);
    all.put("bias_hh", biasHh);
    all.values().removeIf(values -> values.length == 0);
    all.putAll(own);
    Map<String, float[]> named = new LinkedHashMap<>();
    all.forEach((name, values) -> named.put(name + LAYER, values));
    return named;
  }

  /**
   * A parameter.
   *
   * @param name without the layer's suffix
   * @throws IllegalArgumentException if there is none
   */
  public float[] parameter(String name) {
    float[] values = parameters().get(name + LAYER);
    if (values == null) {
      throw new IllegalArgumentException(
          "there is no parameter " + name + LAYER + " among " + parameters().keySet());
    }
    return values;
  }

  /**
   * The operands of a workload; the same seed and shape give the same numbers.
   *
   * @throws IllegalArgumentException if the workload does not fit this JVM's memory
   */
  public static Operands of(Workload workload, long seed) {
    Memory.require(workload, Runtime.getRuntime().maxMemory());
    Shape s = workload.shape();
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    boolean heads = Cells.named(workload.cell()).hasHeads();
    int rows = heads ? 0 : workload.gates() * s.hiddenSize();
    int hidden = workload.hasWeightHh() ? rows : 0;
    float bound = (float) (1 / Math.sqrt(s.hiddenSize()));
    return new Operands(
        uniform(random, rows * s.inputSize(), bound),
        uniform(random, hidden * s.hiddenSize(), bound),
        uniform(random, rows, bound),
        uniform(random, hidden, bound),
        own(random, workload, bound),
        normal(random, s.steps() * s.batch() * s.inputSize()),
        normal(random, s.steps() * s.batch() * workload.outputs()));
  }

  private static Map<String, float[]> own(RandomGenerator random, Workload workload, float bound) {
    Map<String, float[]> own = new LinkedHashMap<>();
    Cell any = Cells.named(workload.cell());
    if (any.hasHeads()) {
      Parameters parameters = new Parameters();
      new Recurrent(parameters, "", workload.config());
      for (Parameters.Slice slice : parameters.slices()) {
        own.put(slice.name().replace(LAYER, ""), uniform(random, slice.size(), bound));
      }
    }
    if (any instanceof StripCell cell) {
      for (StripCell.Vector vector : cell.vectors()) {
        int size = vector.perUnit() * workload.shape().hiddenSize();
        own.put(vector.name(), uniform(random, size, bound));
      }
    }
    return own;
  }

  private static float[] uniform(RandomGenerator random, int size, float bound) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat(-bound, bound);
    }
    return values;
  }

  private static float[] normal(RandomGenerator random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
