package dev.unroll.experiments.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Parameters;
import dev.unroll.train.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.inference.OneWayAnova;
import org.junit.jupiter.api.Test;

class DistinguishabilityTest {
  private static final int BATCH = 2000;

  @Test
  void isWhatAnAnalysisOfVarianceHasOfNumbers() {
    SplittableRandom random = new SplittableRandom(1);
    int[] sizes = {3, 5, 9};
    Distinguishability.Classes classes = new Distinguishability.Classes(1);
    List<double[]> groups = new ArrayList<>();
    for (int c = 0; c < sizes.length; c++) {
      float[] values = new float[sizes[c]];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian(c, .7);
        classes.add(c, values, i);
      }
      groups.add(IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
    }
    // The components from the F of a known library: F = 1 + size · between / within.
    double size = (17 - (9 + 25 + 81) / 17.0) / 2;
    double f = new OneWayAnova().anovaFValue(groups);
    assertThat(classes.ratio(0)).isCloseTo(Math.sqrt((f - 1) / size), within(1e-9));
  }

  @Test
  void classesThatChanceSetApartAreNot() {
    Distinguishability states = new Distinguishability(BATCH, targets(1), states(0, 1), 0, 1);
    assertThat(states.ratio(0, 1)).isLessThan(.1);
  }

  @Test
  void statesWithoutSpreadHaveTheLargestRatio() {
    Distinguishability states = new Distinguishability(BATCH, targets(1), states(1, 0), 0, 1);
    assertThat(states.ratio(0, 1)).isEqualTo(Distinguishability.MOST);
  }

  @Test
  void onlyTheDirectionsThatSeparateCount() {
    // A third number that is large, and the same for both classes.
    float[] outputs = states(1, .1);
    SplittableRandom random = new SplittableRandom(3);
    float[] wider = new float[BATCH * 3];
    for (int i = 0; i < BATCH; i++) {
      wider[i * 3] = outputs[i * 2];
      wider[i * 3 + 1] = outputs[i * 2 + 1];
      wider[i * 3 + 2] = (float) random.nextGaussian(0, 1);
    }
    double narrow = new Distinguishability(BATCH, targets(1), outputs, 0, 1).ratio(0, 1);
    double wide = new Distinguishability(BATCH, targets(1), wider, 0, 1).ratio(0, 1);
    assertThat(wide).isCloseTo(narrow, within(.05 * narrow));
  }

  @Test
  void theReadoutBearsAsMuchNoiseAsTheNormalDistributionSays() {
    double bar = .9;
    Distinguishability states = new Distinguishability(BATCH, targets(1), states(1, 1e-3), 0, 1);
    double threshold = states.threshold(readout(), bar, 0, 1, new SplittableRandom(2));
    // Two classes at -1 and 1, a variance of 2 as a sample of two; the sign is right in nine of
    // ten.
    double noise = 1 / new NormalDistribution().inverseCumulativeProbability(bar);
    assertThat(threshold).isCloseTo(Math.sqrt(2) / noise, within(.1));
  }

  @Test
  void aReadoutThatIsWrongWithoutNoiseBearsNone() {
    Distinguishability states = new Distinguishability(BATCH, targets(1), states(-1, .1), 0, 1);
    assertThat(states.threshold(readout(), .9, 0, 1, new SplittableRandom(2))).isNaN();
  }

  /** The classes -1 and 1 in the first of two numbers, the second always 0. */
  private static float[] states(double scale, double spread) {
    SplittableRandom random = new SplittableRandom(7);
    float[] outputs = new float[BATCH * 2];
    for (int i = 0; i < BATCH; i++) {
      double centre = i % 2 == 0 ? -scale : scale;
      outputs[i * 2] = (float) (centre + spread * random.nextGaussian());
    }
    return outputs;
  }

  private static int[] targets(int steps) {
    return IntStream.range(0, steps * BATCH).map(i -> i % 2).toArray();
  }

  /** Class 1 where the first number is above 0. */
  private static Linear readout() {
    Parameters parameters = new Parameters();
    Linear linear = new Linear(parameters, "fc.", 2, 2, false);
    parameters.values()[linear.weight().offset()] = -1;
    parameters.values()[linear.weight().offset() + 2] = 1;
    parameters.changed();
    return linear;
  }
}
