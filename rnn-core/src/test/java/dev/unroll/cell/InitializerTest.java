package dev.unroll.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Parameters.Slice;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializerTest {
  private static final int HIDDEN = 40;

  private final RandomGenerator random = Initializer.random(11);
  private final Parameters parameters = new Parameters();

  private Slice matrix(int rows, int columns) {
    parameters.add("before", 3);
    Slice slice = parameters.add("w", rows, columns);
    parameters.add("after", 3);
    return slice;
  }

  private double[] values(Slice slice) {
    return IntStream.range(slice.offset(), slice.offset() + slice.size())
        .mapToDouble(i -> parameters.values()[i])
        .toArray();
  }

  private void assertNeighboursUntouched() {
    assertThat(values(parameters.slice("before"))).containsOnly(0);
    assertThat(values(parameters.slice("after"))).containsOnly(0);
  }

  private void recurrent(int gates) {
    parameters.add("rnn.weight_ih_l0", gates * HIDDEN, 7);
    parameters.add("rnn.weight_hh_l0", gates * HIDDEN, HIDDEN);
    parameters.add("rnn.bias_ih_l0", gates * HIDDEN);
    parameters.add("rnn.bias_hh_l0", gates * HIDDEN);
    parameters.add("fc.weight", 5, HIDDEN);
    parameters.add("fc.bias", 5);
    Initializer.recurrentDefault(parameters, "rnn.", HIDDEN, random);
  }

  private double biasSum(int i) {
    return values(parameters.slice("rnn.bias_ih_l0"))[i]
        + values(parameters.slice("rnn.bias_hh_l0"))[i];
  }

  private static double deviation(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    return Math.sqrt(
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }

  @Test
  void uniformFillsItsRange() {
    Slice slice = matrix(100, 100);
    Initializer.uniform(parameters.values(), slice, random, -2, 3);
    double[] values = values(slice);
    assertThat(Arrays.stream(values).min().orElseThrow()).isBetween(-2.0, -1.99);
    assertThat(Arrays.stream(values).max().orElseThrow()).isBetween(2.99, 3.0);
    assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(.5, within(.05));
    assertNeighboursUntouched();
  }

  @Test
  void normalHasItsMoments() {
    Slice slice = matrix(100, 100);
    Initializer.normal(parameters.values(), slice, random, 2, .5);
    assertThat(Arrays.stream(values(slice)).average().orElseThrow()).isCloseTo(2, within(.02));
    assertThat(deviation(values(slice))).isCloseTo(.5, within(.02));
    assertNeighboursUntouched();
  }

  @Test
  void xavierAndHeHaveTheirVariance() {
    Slice slice = matrix(60, 140);
    float[] values = parameters.values();
    Initializer.xavierUniform(values, slice, random, 1);
    assertThat(deviation(values(slice))).isCloseTo(.1, within(.002));
    Initializer.xavierNormal(values, slice, random, 2);
    assertThat(deviation(values(slice))).isCloseTo(.2, within(.004));
    Initializer.heUniform(values, slice, random);
    assertThat(deviation(values(slice))).isCloseTo(Math.sqrt(2.0 / 140), within(.003));
    double bound = Math.sqrt(6.0 / 140);
    assertThat(Arrays.stream(values(slice)).max().orElseThrow()).isBetween(.99 * bound, bound);
    Initializer.heNormal(values, slice, random);
    assertThat(deviation(values(slice))).isCloseTo(Math.sqrt(2.0 / 140), within(.003));
    assertThat(Arrays.stream(values(slice)).max().orElseThrow()).isGreaterThan(bound);
    assertNeighboursUntouched();
  }

  @ParameterizedTest
  @CsvSource({"40, 40, 1", "160, 40, 4", "160, 40, 1", "30, 70, 3"})
  void orthogonalBlocksAreOrthonormal(int rows, int columns, int gates) {
    Slice slice = matrix(rows, columns);
    Initializer.orthogonal(parameters.values(), slice, random, gates, 1.5);
    double[] values = values(slice);
    int blockRows = rows / gates;
    boolean tall = blockRows > columns;
    int count = Math.min(blockRows, columns);
    for (int gate = 0; gate < gates; gate++) {
      for (int a = 0; a < count; a++) {
        for (int b = 0; b <= a; b++) {
          double dot = 0;
          for (int k = 0; k < Math.max(blockRows, columns); k++) {
            int first = gate * blockRows * columns + (tall ? k * columns + a : a * columns + k);
            int second = gate * blockRows * columns + (tall ? k * columns + b : b * columns + k);
            dot += values[first] * values[second];
          }
          assertThat(dot).isCloseTo(a == b ? 2.25 : 0, within(1e-6));
        }
      }
    }
    assertNeighboursUntouched();
  }

  /** Without the fixed sign, Q's diagonal of a QR decomposition leans to one side. */
  @Test
  void orthogonalIsUniform() {
    Slice slice = matrix(2, 2);
    double sum = 0;
    double trace = 0;
    int draws = 20_000;
    for (int i = 0; i < draws; i++) {
      Initializer.orthogonal(parameters.values(), slice, random, 1, 1);
      double[] values = values(slice);
      sum += values[0];
      trace += (values[0] + values[3]) * (values[0] + values[3]);
    }
    assertThat(sum / draws).isCloseTo(0, within(.02));
    // Haar: the mean of trace² is 1.
    assertThat(trace / draws).isCloseTo(1, within(.04));
  }

  @ParameterizedTest
  @CsvSource({"6, 2, 2", "2, 3, 2", "2, 2, 1"})
  void identityIsThatOfEachGate(int rows, int columns, int gates) {
    Slice slice = matrix(rows, columns);
    Initializer.identity(parameters.values(), slice, gates, 3);
    double[] values = values(slice);
    for (int i = 0; i < values.length; i++) {
      int rowOfGate = i / columns % (rows / gates);
      assertThat(values[i]).isEqualTo(rowOfGate == i % columns ? 3 : 0);
    }
    assertNeighboursUntouched();
  }

  /** Packed weights are packed again only when the parameters say that they changed. */
  @Test
  void initializersSayThatTheParametersChanged() {
    recurrent(4);
    List<Runnable> initializers =
        List.of(
            () -> Initializer.recurrentDefault(parameters, "rnn.", HIDDEN, random),
            () -> Initializer.linearDefault(parameters, "fc.", random),
            () -> Initializer.irnn(parameters, "rnn.", random, .001),
            () -> Initializer.forgetGateBias(parameters, "rnn.", HIDDEN, 1),
            () -> Initializer.chrono(parameters, "rnn.", HIDDEN, 100, random));
    for (Runnable initializer : initializers) {
      long version = parameters.version();
      initializer.run();
      assertThat(parameters.version()).isNotEqualTo(version);
    }
  }

  @Test
  void irnnIsTheIdentityWithSmallInputWeights() {
    recurrent(1);
    Initializer.linearDefault(parameters, "fc.", random);
    double[] readout = values(parameters.slice("fc.weight"));
    Initializer.irnn(parameters, "rnn.", random, .001);
    assertThat(values(parameters.slice("fc.weight"))).isEqualTo(readout);
    double[] hh = values(parameters.slice("rnn.weight_hh_l0"));
    for (int i = 0; i < hh.length; i++) {
      assertThat(hh[i]).isEqualTo(i / HIDDEN == i % HIDDEN ? 1 : 0);
    }
    assertThat(deviation(values(parameters.slice("rnn.weight_ih_l0")))).isBetween(.0008, .0012);
    assertThat(values(parameters.slice("rnn.bias_ih_l0"))).containsOnly(0);
    assertThat(values(parameters.slice("rnn.bias_hh_l0"))).containsOnly(0);
  }

  @Test
  void defaultsArePyTorchs() {
    recurrent(4);
    double[] hh = values(parameters.slice("rnn.weight_hh_l0"));
    double bound = 1 / Math.sqrt(HIDDEN);
    assertThat(Arrays.stream(hh).max().orElseThrow()).isBetween(.99 * bound, bound);
    assertThat(Arrays.stream(hh).min().orElseThrow()).isBetween(-bound, -.99 * bound);
    assertThat(values(parameters.slice("fc.weight"))).containsOnly(0);
    Initializer.linearDefault(parameters, "fc.", random);
    assertThat(Arrays.stream(values(parameters.slice("fc.weight"))).max().orElseThrow())
        .isBetween(.9 * bound, bound);
    for (double bias : values(parameters.slice("fc.bias"))) {
      assertThat(Math.abs(bias)).isBetween(Double.MIN_VALUE, bound);
    }
    assertThat(values(parameters.slice("rnn.weight_hh_l0"))).isEqualTo(hh);
  }

  @Test
  void forgetGateBiasIsTheSumOfBoth() {
    recurrent(4);
    double input = biasSum(0);
    Initializer.forgetGateBias(parameters, "rnn.", HIDDEN, 1);
    for (int i = 0; i < HIDDEN; i++) {
      assertThat(biasSum(HIDDEN + i)).isEqualTo(1);
    }
    assertThat(biasSum(0)).isEqualTo(input);
    assertThat(biasSum(2 * HIDDEN)).isNotEqualTo(1);
  }

  @Test
  void gatedDeltaBeginsWithMamba2sDecays() {
    Slice weight = parameters.add("rnn.weight_q_l0", 3, 2);
    Slice rate0 = parameters.add("rnn.a_log_l0", 2000);
    Slice bias0 = parameters.add("rnn.dt_bias_l0", 2000);
    Initializer.gatedDelta(parameters, "rnn.", random);
    double rates = 0;
    double logs = 0;
    for (int i = 0; i < 2000; i++) {
      double rate = Math.exp(values(rate0)[i]);
      double dt = Math.log1p(Math.exp(values(bias0)[i]));
      assertThat(rate).isBetween(0.0, 16.001);
      assertThat(dt).isBetween(.000999, .1001);
      rates += rate / 2000;
      logs += Math.log10(dt) / 2000;
    }
    assertThat(rates).isCloseTo(8, within(.4));
    assertThat(logs).isCloseTo(-2, within(.05));
    assertThat(values(weight)).containsOnly(0);
  }

  @Test
  void slstmBeginsWithoutRecurrenceAndWithForgetGatesOfManyReaches() {
    for (String layer : List.of("0", "1", "2", "1_reverse")) {
      parameters.add("rnn.weight_ih_l" + layer, 24, 500);
      parameters.add("rnn.weight_hh_l" + layer, 2, 4, 3, 3);
      parameters.add("rnn.bias_ih_l" + layer, 24);
    }
    Slice dense = parameters.add("rnn.weight_hh_l10", 24, 6);
    Arrays.fill(parameters.values(), 9f);
    Initializer.slstm(parameters, "rnn.", random);
    assertThat(values(dense)).containsOnly(9);
    double[] power = {.3, .95, 1.6};
    for (String layer : List.of("0", "1", "2", "1_reverse")) {
      assertThat(values(parameters.slice("rnn.weight_hh_l" + layer))).containsOnly(0);
      assertThat(deviation(values(parameters.slice("rnn.weight_ih_l" + layer))))
          .isCloseTo(Math.sqrt(.4 / 500), within(.001));
      double[] bias = values(parameters.slice("rnn.bias_ih_l" + layer));
      double half = 5 - 12 * Math.pow(.5, power[Integer.parseInt(layer.substring(0, 1))]);
      double[] forget = {5, half, -7};
      for (int i = 0; i < 24; i++) {
        assertThat(bias[i]).isCloseTo(i / 6 == 1 ? forget[i % 3] : 0, within(1e-5));
      }
    }
    Initializer.recurrentDefault(parameters, "rnn.", 6, random);
    assertThat(values(parameters.slice("rnn.weight_hh_l0"))).containsOnly(0);
    assertThat(values(dense)).doesNotContain(9.0, 0.0);
  }

  @Test
  void indRnnsUnitsAreBetweenTheBounds() {
    Slice input = parameters.add("rnn.weight_ih_l0", 2000, 2);
    Slice state = parameters.add("rnn.weight_hh_l0", 2000);
    Initializer.indRnn(parameters, "rnn.", random, .5, 1.5);
    assertThat(Arrays.stream(values(state)).min().orElseThrow()).isBetween(.5, .52);
    assertThat(Arrays.stream(values(state)).max().orElseThrow()).isBetween(1.48, 1.5);
    assertThat(values(input)).containsOnly(0);
  }

  @Test
  void lruBeginsOnARingWithInputsOfUnitVariance() {
    Slice weight = parameters.add("rnn.weight_ih_l0", 4000, 8);
    Slice nu = parameters.add("rnn.nu_log_l0", 2000);
    Slice theta = parameters.add("rnn.theta_log_l0", 2000);
    Slice gamma = parameters.add("rnn.gamma_log_l0", 2000);
    Initializer.lru(parameters, "rnn.", random, .6, .9, 2);
    double squares = 0;
    double phases = 0;
    for (int i = 0; i < 2000; i++) {
      double radius = Math.exp(-Math.exp(values(nu)[i]));
      double phase = Math.exp(values(theta)[i]);
      assertThat(radius).isBetween(.5999, .9001);
      assertThat(phase).isBetween(0.0, 2.0001);
      double square = radius * radius;
      assertThat(Math.exp(2 * values(gamma)[i])).isCloseTo(1 - square, within(1e-5));
      squares += square / 2000;
      phases += phase / 2000;
    }
    // Evenly over the ring's area, so that the square of the radius is uniform.
    assertThat(squares).isCloseTo((.36 + .81) / 2, within(.01));
    assertThat(phases).isCloseTo(1, within(.04));
    assertThat(deviation(values(weight))).isCloseTo(.25, within(.005));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.lru(parameters, "rnn.", random, .6, 1.1, 2))
        .withMessageContaining("0 <= rMin < rMax <= 1");
  }

  @Test
  void rgLruKeepsMostOfItsState() {
    Slice lambda = parameters.add("rnn.lambda_l0", 2000);
    Initializer.rgLru(parameters, "rnn.", random);
    double mean = 0;
    for (double value : values(lambda)) {
      double kept = Math.exp(-8 * Math.log1p(Math.exp(value)));
      assertThat(kept).isBetween(.8999, .9991);
      mean += kept / 2000;
    }
    assertThat(mean).isCloseTo(.9495, within(.003));
  }

  /** What PyTorch has not begins as its paper lets it, in a model too. */
  @Test
  void theDefaultIsThePapersWherePyTorchHasNone() {
    Slice units = parameters.add("ind.weight_hh_l0", 500);
    Slice gates = parameters.add("para.weight_hh_l0", 1500);
    Slice nu = parameters.add("lru.nu_log_l0", 500);
    parameters.add("lru.theta_log_l0", 500);
    parameters.add("lru.gamma_log_l0", 500);
    Slice lambda = parameters.add("rg.lambda_l0", 500);
    Slice rate = parameters.add("delta.a_log_l0", 500);
    for (String prefix : List.of("ind.", "para.", "lru.", "rg.", "delta.")) {
      Initializer.recurrentDefault(parameters, prefix, 500, random);
    }
    assertThat(Arrays.stream(values(units)).min().orElseThrow()).isBetween(0.0, .02);
    assertThat(Arrays.stream(values(units)).max().orElseThrow()).isBetween(.98, 1.0);
    assertThat(Arrays.stream(values(gates)).min().orElseThrow()).isBetween(-.0448, -.044);
    for (Slice own : List.of(nu, lambda, rate)) {
      assertThat(deviation(values(own))).isGreaterThan(.3);
    }
  }

  @Test
  void forgetGateBiasOfAnSLstm() {
    Slice bias = parameters.add("rnn.bias_ih_l0", 24);
    Initializer.forgetGateBias(parameters, "rnn.", 6, 3);
    for (int i = 0; i < 24; i++) {
      assertThat(values(bias)[i]).isEqualTo(i / 6 == 1 ? 3 : 0);
    }
  }

  @Test
  void chronoSpreadsMemoriesUpToTMax() {
    recurrent(4);
    Initializer.chrono(parameters, "rnn.", HIDDEN, 100, random);
    double longest = 0;
    for (int i = 0; i < HIDDEN; i++) {
      assertThat(biasSum(HIDDEN + i)).isBetween(0.0, Math.log(99) + 1e-6);
      assertThat(biasSum(i)).isEqualTo(-biasSum(HIDDEN + i));
      longest = Math.max(longest, biasSum(HIDDEN + i));
    }
    assertThat(longest).isGreaterThan(Math.log(80));
  }

  @Test
  void chronoNeedsTwoSteps() {
    recurrent(4);
    Initializer.chrono(parameters, "rnn.", HIDDEN, 2, random);
    assertThat(biasSum(HIDDEN)).isZero();
    for (double tooShort : new double[] {1.99, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Initializer.chrono(parameters, "rnn.", HIDDEN, tooShort, random))
          .withMessage("tMax is " + tooShort + ": chrono initialization needs at least 2 steps.");
    }
  }

  @Test
  void chronoGivesAGrusUpdateGateAPositiveBias() {
    recurrent(3);
    double reset = biasSum(0);
    Initializer.chrono(parameters, "rnn.", HIDDEN, 100, random);
    double longest = 0;
    for (int i = 0; i < HIDDEN; i++) {
      assertThat(biasSum(HIDDEN + i)).isBetween(0.0, Math.log(99) + 1e-6);
      longest = Math.max(longest, biasSum(HIDDEN + i));
    }
    assertThat(longest).isGreaterThan(Math.log(80));
    assertThat(biasSum(0)).isEqualTo(reset);
  }

  @Test
  void refusesCellsWithoutThatGate() {
    recurrent(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.chrono(parameters, "rnn.", HIDDEN, 100, random))
        .withMessageContaining("needs an LSTM's 4 or a GRU's 3 gates");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.forgetGateBias(parameters, "rnn.", HIDDEN, 1))
        .withMessageContaining("needs an LSTM's 4 gates");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.forgetGateBias(parameters, "gru.", HIDDEN, 1))
        .withMessageContaining("'gru.bias_ih_l...'");
  }

  @Test
  void refusesShapesThatDoNotFit() {
    recurrent(4);
    Slice weight = parameters.slice("rnn.weight_ih_l0");
    for (int gates : new int[] {0, 3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Initializer.identity(parameters.values(), weight, gates, 1))
          .withMessageEndingWith("has 160 rows, which is no multiple of " + gates + " gates.");
    }
    // 160 is four times 37 and some.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Initializer.forgetGateBias(parameters, "rnn.", 37, 1))
        .withMessageContaining("has 160 elements");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Initializer.heNormal(
                    parameters.values(), parameters.slice("rnn.bias_ih_l0"), random))
        .withMessageEndingWith("has shape [160]: a matrix is needed.");
  }

  @Test
  void sameSeedSameBits() {
    Slice slice = matrix(30, 20);
    Initializer.orthogonal(parameters.values(), slice, Initializer.random(5), 1, 1);
    double[] once = values(slice);
    Initializer.orthogonal(parameters.values(), slice, Initializer.random(5), 1, 1);
    assertThat(values(slice)).isEqualTo(once);
    Initializer.orthogonal(parameters.values(), slice, Initializer.random(6), 1, 1);
    assertThat(values(slice)).isNotEqualTo(once);
  }
}
