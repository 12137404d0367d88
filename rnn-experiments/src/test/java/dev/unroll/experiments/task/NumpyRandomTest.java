package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumpyRandomTest {
  @Test
  void givesNumpysNumbers() {
    // numpy.random.seed(42); numpy.random.randn(4)
    NumpyRandom random = new NumpyRandom(42);
    assertThat(random.nextGaussian()).isEqualTo(0.4967141530112327);
    assertThat(random.nextGaussian()).isEqualTo(-0.13826430117118466);
    assertThat(random.nextGaussian()).isEqualTo(0.6476885381006925);
    assertThat(random.nextGaussian()).isEqualTo(1.5230298564080254);
  }
}
