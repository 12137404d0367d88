package dev.unroll.cell;

import dev.unroll.cell.Parameters.Slice;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Ways to fill a tensor before training.
 *
 * <p>Methods that take an array and a slice fill that one tensor, {@code [rows, columns]} with rows
 * = fan out and columns = fan in; the caller then calls {@link Parameters#changed()}. Methods that
 * take {@link Parameters} and a prefix fill every layer and direction of a recurrent stack, and
 * call it themselves. The same state of the random generator gives the same bits.
 */
public final class Initializer {
  private Initializer() {}

  /**
   * {@return the project's generator, L64X128MixRandom, started from a seed}
   *
   * @param seed any number
   */
  public static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  // One tensor.

  /**
   * Sets every element to the same number.
   *
   * @param values the array that holds the tensor
   * @param slice the tensor
   * @param value what to set
   */
  public static void constant(float[] values, Slice slice, float value) {
    Arrays.fill(values, slice.offset(), slice.offset() + slice.size(), value);
  }

  /**
   * Draws from U(low, high).
   *
   * @param values the array that holds the tensor
   * @param slice the tensor
   * @param random the random generator
   * @param low lower bound
   * @param high upper bound
   */
  public static void uniform(
      float[] values, Slice slice, RandomGenerator random, double low, double high) {
    int end = slice.offset() + slice.size();
    for (int i = slice.offset(); i < end; i++) {
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
  }

  /**
   * Draws from N(mean, deviation²).
   *
   * @param values the array that holds the tensor
   * @param slice the tensor
   * @param random the random generator
   * @param mean mean
   * @param deviation standard deviation
   */
  public static void normal(
      float[] values, Slice slice, RandomGenerator random, double mean, double deviation) {
    int end = slice.offset() + slice.size();
    for (int i = slice.offset(); i < end; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
  }

  /**
   * Draws from U(-a, a), a = gain · sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param random the random generator
   * @param gain 1 for tanh as in the paper; PyTorch recommends 5/3
   */
  public static void xavierUniform(
      float[] values, Slice slice, RandomGenerator random, double gain) {
    double bound = gain * Math.sqrt(6.0 / (rows(slice) + columns(slice)));
    uniform(values, slice, random, -bound, bound);
  }

  /**
   * Draws from N(0, gain² · 2 / (fan in + fan out)) (Glorot and Bengio 2010).
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param random the random generator
   * @param gain 1 for tanh as in the paper; PyTorch recommends 5/3
   */
  public static void xavierNormal(
      float[] values, Slice slice, RandomGenerator random, double gain) {
    normal(values, slice, random, 0, gain * Math.sqrt(2.0 / (rows(slice) + columns(slice))));
  }

  /**
   * Draws from U(-a, a), a = sqrt(6 / fan in), which suits ReLU (He et al. 2015).
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param random the random generator
   */
  public static void heUniform(float[] values, Slice slice, RandomGenerator random) {
    double bound = Math.sqrt(6.0 / columns(slice));
    uniform(values, slice, random, -bound, bound);
  }

  /**
   * Draws from N(0, 2 / fan in), which suits ReLU (He et al. 2015).
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param random the random generator
   */
  public static void heNormal(float[] values, Slice slice, RandomGenerator random) {
    normal(values, slice, random, 0, Math.sqrt(2.0 / columns(slice)));
  }

  /**
   * Fills the rows of each gate with a random orthogonal matrix of their own, uniform in the sense
   * of Haar (Saxe et al. 2014): Q of the QR decomposition, in double, of a matrix of normal
   * numbers, with signs such that R's diagonal is positive. A gate with more rows than columns gets
   * orthonormal columns, otherwise orthonormal rows, as in PyTorch.
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param random the random generator
   * @param gates number of gates; 1 treats the matrix as a whole
   * @param gain factor on every element
   * @throws IllegalArgumentException if the rows are not a multiple of the gates
   */
  public static void orthogonal(
      float[] values, Slice slice, RandomGenerator random, int gates, double gain) {
    int rows = gateRows(slice, gates);
    int columns = columns(slice);
    int count = Math.min(rows, columns);
    int length = Math.max(rows, columns);
    for (int gate = 0; gate < gates; gate++) {
      double[][] q = orthonormal(count, length, random);
      int offset = slice.offset() + gate * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          values[offset + r * columns + c] = (float) (gain * (rows > columns ? q[c][r] : q[r][c]));
        }
      }
    }
  }

  /** Gram-Schmidt. Projections are subtracted twice, which keeps the full precision of double. */
  private static double[][] orthonormal(int count, int length, RandomGenerator random) {
    double[][] q = new double[count][length];
    for (int i = 0; i < count; i++) {
      double[] v = q[i];
      for (int j = 0; j < length; j++) {
        v[j] = random.nextGaussian();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < i; k++) {
          double projection = dot(q[k], v);
          for (int j = 0; j < length; j++) {
            v[j] -= projection * q[k][j];
          }
        }
      }
      double scale = 1 / Math.sqrt(dot(v, v));
      for (int j = 0; j < length; j++) {
        v[j] *= scale;
      }
    }
    return q;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * Fills the rows of each gate with the identity: the diagonal, and zero elsewhere.
   *
   * @param values the array that holds the tensor
   * @param slice a matrix
   * @param gates number of gates; 1 treats the matrix as a whole
   * @param gain the diagonal's value
   * @throws IllegalArgumentException if the rows are not a multiple of the gates
   */
  public static void identity(float[] values, Slice slice, int gates, double gain) {
    int rows = gateRows(slice, gates);
    int columns = columns(slice);
    constant(values, slice, 0f);
    for (int gate = 0; gate < gates; gate++) {
      for (int i = 0; i < Math.min(rows, columns); i++) {
        values[slice.offset() + (gate * rows + i) * columns + i] = (float) gain;
      }
    }
  }

  // A whole layer or stack.

  /**
   * PyTorch's default for RNN, LSTM and GRU: every tensor from U(-1/sqrt H, 1/sqrt H). Recurrences
   * that PyTorch has not then begin as their papers let them, where those say how: {@link #indRnn}
   * with [0, 1], {@link #lru} with the whole ring and all phases, {@link #rgLru}, {@link
   * #gatedDelta}, {@link #slstm}.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param hiddenSize H
   * @param random the random generator
   */
  public static void recurrentDefault(
      Parameters parameters, String prefix, int hiddenSize, RandomGenerator random) {
    double bound = 1 / Math.sqrt(hiddenSize);
    for (Slice slice : parameters.slices()) {
      if (slice.name().startsWith(prefix)) {
        uniform(parameters.values(), slice, random, -bound, bound);
      }
    }
    if (layers(parameters, prefix + "weight_hh_l").stream()
        .anyMatch(weight -> weight.shape().equals(List.of(hiddenSize)))) {
      indRnn(parameters, prefix, random, 0, 1);
    }
    if (!layers(parameters, prefix + "nu_log_l").isEmpty()) {
      lru(parameters, prefix, random, 0, 1, 2 * Math.PI);
    }
    rgLru(parameters, prefix, random);
    gatedDelta(parameters, prefix, random);
    slstm(parameters, prefix, random);
    parameters.changed();
  }

  /**
   * PyTorch's default for Linear: weight and bias from U(-1/sqrt(fan in), 1/sqrt(fan in)).
   *
   * @param parameters where the tensors are
   * @param prefix the layer's prefix, e.g. {@code fc.}
   * @param random the random generator
   */
  public static void linearDefault(Parameters parameters, String prefix, RandomGenerator random) {
    double bound = 1 / Math.sqrt(columns(parameters.slice(prefix + "weight")));
    for (Slice slice : parameters.slices()) {
      if (slice.name().equals(prefix + "weight") || slice.name().equals(prefix + "bias")) {
        uniform(parameters.values(), slice, random, -bound, bound);
      }
    }
    parameters.changed();
  }

  /**
   * IRNN (Le, Jaitly and Hinton 2015): identity {@code weight_hh}, {@code weight_ih} from N(0,
   * deviation²), zero biases; meant for the ReLU cell. In a cell with gates, each gate gets the
   * identity.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   * @param deviation standard deviation of {@code weight_ih}; the paper has .001
   */
  public static void irnn(
      Parameters parameters, String prefix, RandomGenerator random, double deviation) {
    float[] values = parameters.values();
    for (Slice slice : parameters.slices()) {
      if (slice.name().startsWith(prefix + "weight_ih_l")) {
        normal(values, slice, random, 0, deviation);
      } else if (slice.name().startsWith(prefix + "weight_hh_l")) {
        identity(values, slice, rows(slice) / columns(slice), 1);
      } else if (slice.name().startsWith(prefix + "bias_")) {
        constant(values, slice, 0f);
      }
    }
    parameters.changed();
  }

  /**
   * Sets the forget-gate bias of an LSTM (Gers et al. 2000; Jozefowicz et al. 2015) or an sLSTM:
   * the forget gate's biases then add up to the value. Everything else stays as it is.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param hiddenSize H
   * @param value the bias, often 1
   * @throws IllegalArgumentException if no bias of four gates is found
   */
  public static void forgetGateBias(
      Parameters parameters, String prefix, int hiddenSize, double value) {
    for (Slice ih : inputBiases(parameters, prefix)) {
      if (gates(ih, hiddenSize) != 4) {
        throw new IllegalArgumentException(
            "Parameter '"
                + ih.name()
                + "' has "
                + ih.size()
                + " elements: a forget-gate bias needs an LSTM's 4 gates of "
                + hiddenSize
                + ".");
      }
      for (int i = 0; i < hiddenSize; i++) {
        setBias(parameters, ih, hiddenSize + i, value);
      }
    }
    parameters.changed();
  }

  /**
   * Chrono initialization (Tallec and Ollivier 2018) for memories up to tMax steps: an LSTM gets
   * b_f = log u, b_i = -b_f, a GRU b_z = log u (PyTorch's z keeps the old state; the paper's
   * replaces it), with u from U(1, tMax - 1) for each unit, as the sum of its two biases.
   * Everything else stays as it is.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param hiddenSize H
   * @param tMax the longest dependency expected, in steps, at least 2
   * @param random the random generator
   * @throws IllegalArgumentException if tMax is below 2 or the biases are neither an LSTM's nor a
   *     GRU's
   */
  public static void chrono(
      Parameters parameters, String prefix, int hiddenSize, double tMax, RandomGenerator random) {
    if (!(tMax >= 2)) {
      throw new IllegalArgumentException(
          "tMax is " + tMax + ": chrono initialization needs at least 2 steps.");
    }
    for (Slice ih : inputBiases(parameters, prefix)) {
      int gates = gates(ih, hiddenSize);
      if (gates != 3 && gates != 4) {
        throw new IllegalArgumentException(
            "Parameter '"
                + ih.name()
                + "' has "
                + ih.size()
                + " elements: chrono initialization needs an LSTM's 4 or a GRU's 3 gates of "
                + hiddenSize
                + ".");
      }
      for (int i = 0; i < hiddenSize; i++) {
        double bias = StrictMath.log(1 + (tMax - 2) * random.nextDouble());
        setBias(parameters, ih, hiddenSize + i, bias);
        if (gates == 4) {
          setBias(parameters, ih, i, -bias);
        }
      }
    }
    parameters.changed();
  }

  /**
   * IndRNN (Li et al. 2018): {@code weight_hh} from U(low, high); everything else stays as it is.
   * With 0 and 2^(1/T) no gradient over T steps grows beyond the double.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   * @param low lower bound; the paper has 0, and 2^(-1/T) for units that are to remember T steps
   * @param high upper bound; the paper has 2^(1/T)
   */
  public static void indRnn(
      Parameters parameters, String prefix, RandomGenerator random, double low, double high) {
    for (Slice slice : layers(parameters, prefix + "weight_hh_l")) {
      uniform(parameters.values(), slice, random, low, high);
    }
    parameters.changed();
  }

  /**
   * The LRU's (Orvieto et al. 2023, section 3.4): lambda uniform on a ring of the complex plane,
   * gamma = sqrt(1 - |lambda|^2), {@code weight_ih} from N(0, 1 / (2 I)), zero biases.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   * @param rMin inner radius, at least 0
   * @param rMax outer radius, above rMin and at most 1
   * @param maxPhase the largest phase, above 0, up to 2 pi
   * @throws IllegalArgumentException if the ring is not inside the unit circle or a phase not
   *     positive
   */
  public static void lru(
      Parameters parameters,
      String prefix,
      RandomGenerator random,
      double rMin,
      double rMax,
      double maxPhase) {
    if (!(rMin >= 0 && rMin < rMax && rMax <= 1 && maxPhase > 0)) {
      throw new IllegalArgumentException(
          "A ring from "
              + rMin
              + " to "
              + rMax
              + " with phases up to "
              + maxPhase
              + ": give 0 <= rMin < rMax <= 1 and a positive phase.");
    }
    float[] values = parameters.values();
    for (Slice nu : layers(parameters, prefix + "nu_log_l")) {
      Slice theta = parameters.slice(nu.name().replace("nu_log_l", "theta_log_l"));
      Slice gamma = parameters.slice(nu.name().replace("nu_log_l", "gamma_log_l"));
      for (int i = 0; i < nu.size(); i++) {
        // In (0, 1], since the logarithms below have to be finite.
        double area = 1 - random.nextDouble();
        double square = rMin * rMin + area * (rMax * rMax - rMin * rMin);
        double decay = Math.max(-.5 * StrictMath.log(square), 0x1p-40);
        values[nu.offset() + i] = (float) StrictMath.log(decay);
        values[theta.offset() + i] = (float) StrictMath.log(maxPhase * (1 - random.nextDouble()));
        values[gamma.offset() + i] = (float) (.5 * StrictMath.log(-StrictMath.expm1(-2 * decay)));
      }
    }
    for (Slice slice : layers(parameters, prefix + "weight_ih_l")) {
      normal(values, slice, random, 0, Math.sqrt(.5 / columns(slice)));
    }
    for (Slice slice : layers(parameters, prefix + "bias_ih_l")) {
      constant(values, slice, 0f);
    }
    parameters.changed();
  }

  /**
   * The RG-LRU's (De et al. 2024, section 2.4): {@code lambda} such that what a unit keeps where
   * its gate r is 1, exp(-8 softplus(lambda)), is uniform in [.9, .999]; everything else stays as
   * it is.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   */
  public static void rgLru(Parameters parameters, String prefix, RandomGenerator random) {
    for (Slice slice : layers(parameters, prefix + "lambda_l")) {
      for (int i = 0; i < slice.size(); i++) {
        double kept = .9 + .099 * random.nextDouble();
        parameters.values()[slice.offset() + i] =
            (float) StrictMath.log(StrictMath.expm1(-StrictMath.log(kept) / 8));
      }
    }
    parameters.changed();
  }

  /**
   * The decay of a {@link DeltaCell} as Gated DeltaNet and Mamba2 begin with it (Yang et al. 2024,
   * Dao and Gu 2024): exp(a_log) from U(0, 16), and {@code dt_bias} such that its softplus is
   * between .001 and .1, evenly in the logarithm; everything else stays as it is.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   */
  public static void gatedDelta(Parameters parameters, String prefix, RandomGenerator random) {
    float[] values = parameters.values();
    for (Slice slice : parameters.slices()) {
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        if (slice.name().startsWith(prefix + "a_log_l")) {
          // In (0, 16], since the logarithm has to be finite.
          values[i] = (float) StrictMath.log(16 * (1 - random.nextDouble()));
        } else if (slice.name().startsWith(prefix + "dt_bias_l")) {
          double dt =
              StrictMath.exp(StrictMath.log(.001) + random.nextDouble() * StrictMath.log(100));
          values[i] = (float) (dt + StrictMath.log(-StrictMath.expm1(-dt)));
        }
      }
    }
    parameters.changed();
  }

  /**
   * The sLSTM's, as the code of its paper begins with it (Beck et al. 2024): zeros in {@code
   * weight_hh}, {@code weight_ih} from N(0, 2 / (5 I)), and zero biases but for the forget gate's,
   * which fall over the units j of a head of d from 5 to -7, as 5 - 12 (j / (d - 1))^p; p goes from
   * .3 in the first layer to 1.6 in the last. Parameters without heads stay as they are.
   *
   * @param parameters where the tensors are
   * @param prefix what their names begin with, e.g. {@code rnn.}
   * @param random the random generator
   */
  public static void slstm(Parameters parameters, String prefix, RandomGenerator random) {
    float[] values = parameters.values();
    String start = prefix + "weight_hh_l";
    List<Slice> layers =
        layers(parameters, start).stream().filter(slice -> slice.shape().size() == 4).toList();
    int last = layers.stream().mapToInt(slice -> layer(slice, start)).max().orElse(0);
    for (Slice hidden : layers) {
      constant(values, hidden, 0f);
      Slice input = parameters.slice(hidden.name().replace("weight_hh_l", "weight_ih_l"));
      normal(values, input, random, 0, Math.sqrt(.4 / columns(input)));
      int heads = hidden.shape().get(0);
      int units = hidden.shape().get(3);
      double power = .3 + (last == 0 ? 0 : 1.3 * layer(hidden, start) / last);
      String name = hidden.name().replace("weight_hh_l", "bias_ih_l");
      for (Slice bias : layers(parameters, name)) {
        if (bias.name().equals(name)) { // not layer 10 for 1
          constant(values, bias, 0f);
          for (int i = 0; i < heads * units; i++) {
            double place = units == 1 ? 0 : i % units / (units - 1.0);
            values[bias.offset() + heads * units + i] =
                (float) (5 - 12 * StrictMath.pow(place, power));
          }
        }
      }
    }
    parameters.changed();
  }

  /** The number of a tensor's layer. */
  private static int layer(Slice slice, String start) {
    return Integer.parseInt(slice.name().substring(start.length()).replace("_reverse", ""));
  }

  private static List<Slice> layers(Parameters parameters, String start) {
    return parameters.slices().stream().filter(slice -> slice.name().startsWith(start)).toList();
  }

  private static Iterable<Slice> inputBiases(Parameters parameters, String prefix) {
    var biases =
        parameters.slices().stream()
            .filter(slice -> slice.name().startsWith(prefix + "bias_ih_l"))
            .toList();
    if (biases.isEmpty()) {
      throw new IllegalArgumentException(
          "No parameter is named '" + prefix + "bias_ih_l...': a gate bias needs biases.");
    }
    return biases;
  }

  /** Puts the whole bias into bias_ih and clears its partner in bias_hh, where there is one. */
  private static void setBias(Parameters parameters, Slice ih, int index, double value) {
    parameters.values()[ih.offset() + index] = (float) value;
    String hh = ih.name().replace("bias_ih_l", "bias_hh_l");
    for (Slice slice : parameters.slices()) {
      if (slice.name().equals(hh)) {
        parameters.values()[slice.offset() + index] = 0f;
      }
    }
  }

  private static int gates(Slice bias, int hiddenSize) {
    return bias.size() % hiddenSize == 0 ? bias.size() / hiddenSize : -1;
  }

  private static int gateRows(Slice slice, int gates) {
    if (gates < 1 || rows(slice) % gates != 0) {
      throw new IllegalArgumentException(
          "Parameter '"
              + slice.name()
              + "' has "
              + rows(slice)
              + " rows, which is no multiple of "
              + gates
              + " gates.");
    }
    return rows(slice) / gates;
  }

  private static int rows(Slice slice) {
    return matrix(slice).shape().get(0);
  }

  private static int columns(Slice slice) {
    return matrix(slice).shape().get(1);
  }

  private static Slice matrix(Slice slice) {
    if (slice.shape().size() != 2) {
      throw new IllegalArgumentException(
          "Parameter '" + slice.name() + "' has shape " + slice.shape() + ": a matrix is needed.");
    }
    return slice;
  }
}
