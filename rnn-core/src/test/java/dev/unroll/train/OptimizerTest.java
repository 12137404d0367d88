package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each optimizer against torch.optim's formulas, one scalar at a time in double. */
class OptimizerTest {
  /** One parameter's update in double; a holds what the optimizer remembers. */
  interface Reference {
    double step(int t, double p, double g, double[] a);
  }

  static Stream<Arguments> optimizers() {
    return Stream.of(
        of("sgd", new Sgd(.1), (t, p, g, a) -> p - .1 * g),
        of("sgd decay", new Sgd(.1, 0, .2, false), (t, p, g, a) -> p - .1 * (g + .2 * p)),
        of(
            "momentum",
            new Sgd(.1, .9, .2, false),
            (t, p, g, a) -> {
              a[0] = t == 1 ? g + .2 * p : .9 * a[0] + g + .2 * p;
              return p - .1 * a[0];
            }),
        of(
            "nesterov",
            new Sgd(.1, .9, .2, true),
            (t, p, g, a) -> {
              a[0] = t == 1 ? g + .2 * p : .9 * a[0] + g + .2 * p;
              return p - .1 * (g + .2 * p + .9 * a[0]);
            }),
        of(
            "adagrad",
            new Adagrad(.1, .01, .2),
            (t, p, g, a) -> {
              double d = g + .2 * p;
              a[0] += d * d;
              return p - .1 * d / (Math.sqrt(a[0]) + .01);
            }),
        of(
            "adagrad inside",
            Adagrad.withEpsInsideRoot(.1, .01),
            (t, p, g, a) -> {
              a[0] += g * g;
              return p - .1 * g / Math.sqrt(a[0] + .01);
            }),
        of(
            "rmsprop",
            new RmsProp(.01),
            (t, p, g, a) -> {
              a[0] = .99 * a[0] + .01 * g * g;
              return p - .01 * g / (Math.sqrt(a[0]) + 1e-8);
            }),
        of(
            "rmsprop momentum",
            new RmsProp(.01, .9, .001, .2, .5),
            (t, p, g, a) -> {
              double d = g + .2 * p;
              a[0] = .9 * a[0] + .1 * d * d;
              a[1] = .5 * a[1] + d / (Math.sqrt(a[0]) + .001);
              return p - .01 * a[1];
            }),
        of("adam", new Adam(.01), (t, p, g, a) -> adam(t, p, g, a, .9, .999, 1e-8)),
        of(
            "adam decay",
            new Adam(.01, .8, .95, .001, .2),
            (t, p, g, a) -> adam(t, p, g + .2 * p, a, .8, .95, .001)),
        of(
            "adamw",
            new AdamW(.01),
            (t, p, g, a) -> adam(t, p * (1 - .01 * .01), g, a, .9, .999, 1e-8)),
        of(
            "adamw decay",
            new AdamW(.01, .8, .95, .001, .2),
            (t, p, g, a) -> adam(t, p * (1 - .01 * .2), g, a, .8, .95, .001)));
  }

  private static Arguments of(String name, Optimizer optimizer, Reference reference) {
    return Arguments.of(name, optimizer, reference);
  }

  private static double adam(
      int t, double p, double g, double[] a, double beta1, double beta2, double eps) {
    a[0] = beta1 * a[0] + (1 - beta1) * g;
    a[1] = beta2 * a[1] + (1 - beta2) * g * g;
    double mean = a[0] / (1 - Math.pow(beta1, t));
    double square = a[1] / (1 - Math.pow(beta2, t));
    return p - .01 * mean / (Math.sqrt(square) + eps);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void matchesTheFormula(String name, Optimizer optimizer, Reference reference) {
    int size = 37;
    RandomGenerator random = Initializer.random(3);
    Parameters parameters = new Parameters();
    parameters.add("w", size);
    double[] expected = new double[size];
    double[][] memory = new double[size][2];
    for (int i = 0; i < size; i++) {
      parameters.values()[i] = (float) random.nextGaussian();
      expected[i] = parameters.values()[i];
    }
    for (int t = 1; t <= 50; t++) {
      for (int i = 0; i < size; i++) {
        parameters.gradients()[i] = (float) random.nextGaussian();
        expected[i] = reference.step(t, expected[i], parameters.gradients()[i], memory[i]);
      }
      long version = parameters.version();
      optimizer.step(parameters);
      assertThat(parameters.version()).isNotEqualTo(version);
    }
    for (int i = 0; i < size; i++) {
      assertThat((double) parameters.values()[i]).as(name).isCloseTo(expected[i], within(2e-5));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void goesOnWhereAnotherWas(String name, Optimizer optimizer) {
    Optimizer fresh =
        optimizers()
            .filter(other -> other.get()[0].equals(name))
            .map(other -> (Optimizer) other.get()[1])
            .findFirst()
            .orElseThrow();
    RandomGenerator random = Initializer.random(5);
    Parameters parameters = new Parameters();
    parameters.add("w", 5);
    Parameters other = new Parameters();
    other.add("w", 5);
    Optimizer first = optimizer.with(Schedule.step(2, .5));
    Optimizer second = fresh.with(Schedule.step(2, .5));
    for (int t = 0; t < 9; t++) {
      if (t == 3) {
        System.arraycopy(parameters.values(), 0, other.values(), 0, 5);
        second.resume(3, first.memory());
      }
      for (int i = 0; i < 5; i++) {
        parameters.gradients()[i] = (float) random.nextGaussian();
        other.gradients()[i] = parameters.gradients()[i];
      }
      first.step(parameters);
      if (t >= 3) {
        second.step(other);
      }
    }
    assertThat(other.values()).as(name).isEqualTo(parameters.values());
    assertThat(second.learningRate()).isEqualTo(first.learningRate());
    assertThatIllegalStateException()
        .isThrownBy(() -> second.resume(3, first.memory()))
        .withMessageContaining("has stepped already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Adam(.1).resume(3, List.of()))
        .withMessage("This optimizer remembers 2 arrays, but 0 were given.");
  }

  /** Without gradients, only what decays moves. */
  @Test
  void weightDecayCanLeaveOutBiases() {
    for (Optimizer optimizer :
        List.of(
            new Sgd(.5, 0, .5, false),
            new Sgd(.5, .9, .5, true),
            new Adagrad(.5, 1e-10, .5),
            new RmsProp(.5, .9, 1e-8, .5, 0),
            new Adam(.5, .9, .999, 1e-8, .5),
            new AdamW(.5, .9, .999, 1e-8, .5).with(Schedule.constant()))) {
      Parameters parameters = new Parameters();
      parameters.add("embedding.weight", 2);
      parameters.add("rnn.bias_ih_l0", 2);
      parameters.add("rnn.bias_hh_l0", 1);
      parameters.add("rnn.weight_hh_l0", 1, 1);
      parameters.add("fc.bias", 1);
      float[] p = parameters.values();
      Arrays.fill(p, 1);
      optimizer.decayOnly(slice -> !slice.isBias());
      optimizer.step(parameters);
      assertThat(p[0]).isLessThan(1);
      assertThat(p).containsExactly(p[0], p[0], 1, 1, 1, p[0], 1);
      optimizer.decayOnly(slice -> true);
      optimizer.step(parameters);
      assertThat(p[2]).isLessThan(1);
      assertThat(p).containsExactly(p[0], p[0], p[2], p[2], p[2], p[0], p[2]);
    }
  }

  @Test
  void laterStepsAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Parameters parameters = new Parameters();
    parameters.add("weight", 3, 2);
    parameters.add("bias", 3);
    Optimizer optimizer = new AdamW(.1).with(Schedule.step(2, .5).afterWarmUp(2, .1));
    optimizer.decayOnly(slice -> !slice.isBias());
    long before = 0;
    for (int step = 0; step < 6; step++) {
      before = threads.getCurrentThreadAllocatedBytes(); // the last time, all classes are loaded
      optimizer.step(parameters);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
  }

  @Test
  void learningRateCanChange() {
    Parameters parameters = new Parameters();
    parameters.add("w", 1);
    parameters.gradients()[0] = 1;
    Optimizer optimizer = new Sgd(.5);
    optimizer.step(parameters);
    optimizer.setLearningRate(.25);
    optimizer.step(parameters);
    assertThat(optimizer.learningRate()).isEqualTo(.25);
    assertThat(parameters.values()[0]).isEqualTo(-.75f);
  }

  @Test
  void refusesNumbersOutOfRangeAndOtherParameters() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sgd(-1))
        .withMessageContaining("learning rate is -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Adam(.1, 1, .9, 1e-8, 0))
        .withMessageContaining("beta1 is 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sgd(.1, -.5, 0, false))
        .withMessageContaining("momentum is -0.5");
    Parameters small = new Parameters();
    small.add("w", 1);
    Parameters large = new Parameters();
    large.add("w", 2);
    Optimizer optimizer = new Adam(.1);
    optimizer.step(small);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> optimizer.step(large))
        .withMessageContaining("has stepped 1 parameters and now gets 2");
  }
}
