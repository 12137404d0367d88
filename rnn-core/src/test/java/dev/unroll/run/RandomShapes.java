package dev.unroll.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.kernel.Lanes;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Prints the vector width, then a line for each of many random shapes with a hash of all that a
 * forward and a backward pass give: the program that {@link DifferentialTest} runs in different
 * virtual machines. Inside one it holds threads, splits of the batch, streams and used workspaces
 * against each other, and fails at the first bit.
 */
final class RandomShapes {
  private static final int MOST_THREADS = 4;

  private RandomShapes() {}

  /** Takes the first seed and the number of shapes. */
  public static void main(String[] args) {
    System.out.println(Lanes.BITS + " bits");
    long first = Long.parseLong(args[0]);
    for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
      RandomGenerator random = new SplittableRandom(seed);
      RecurrentCase shape = RecurrentCase.random(random);
      try {
        System.out.printf("%d %s %08x%n", seed, shape, hash(shape, random));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("shape " + seed + ": " + shape, e);
      }
    }
  }

  private static int hash(RecurrentCase shape, RandomGenerator random) {
    RecurrentCase.Data data = shape.data();
    RecurrentTest.Outcome one = RecurrentTest.run(shape, data, Team.single());
    try (Team team = new Team(2 + random.nextInt(MOST_THREADS - 1))) {
      assertThat(RecurrentTest.run(shape, data, team).all()).isDeepEqualTo(one.all());
      if (shape.config().dropout() == 0) {
        RecurrentTest.assertInferenceHasTheBitsOf(one, shape, data, team);
      }
    }
    RecurrentTest.assertPartsHaveTheBitsOf(one, shape, data);
    if (!shape.config().bidirectional()) {
      assertStreamed(shape, data);
    }
    int hash = Arrays.deepHashCode(one.all());
    for (WeightFormat format : List.of(WeightFormat.BF16, WeightFormat.INT8)) {
      Recurrent network = data.recurrent().withWeights(format);
      hash = 31 * hash + Arrays.deepHashCode(WeightFormatTest.assertSameBits(network, shape, data));
    }
    return hash;
  }

  private static void assertStreamed(RecurrentCase shape, RecurrentCase.Data data) {
    float[] x = RecurrentCase.floats(data.x());
    float[] y = new float[data.gradY().length];
    State last = State.zeros(shape.config(), shape.batch());
    data.recurrent()
        .forward(
            data.recurrent().workspace(shape.steps(), shape.batch(), false),
            x,
            data.initial(),
            null,
            y,
            last);
    Stepper stepper = data.recurrent().stepper(shape.batch());
    Stream stream = data.recurrent().stream(shape.batch());
    stream.restore(data.initial());
    int in = x.length / shape.steps();
    int out = y.length / shape.steps();
    float[] step = new float[out];
    for (int t = 0; t < shape.steps(); t++) {
      stepper.step(stream, Arrays.copyOfRange(x, t * in, (t + 1) * in), step);
      assertThat(step).isEqualTo(Arrays.copyOfRange(y, t * out, (t + 1) * out));
    }
    RecurrentTest.assertSame(stream.state(), last);
  }
}
