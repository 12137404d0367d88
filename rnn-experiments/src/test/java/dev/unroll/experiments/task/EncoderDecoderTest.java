package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Parameters;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderDecoderTest {
  private static final int U = 3;
  private static final int T = 4;
  private static final int B = 2;
  private static final int S = 5;
  private static final int[] LENGTHS = {4, 2};

  private static float[] noise(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @Test
  void theContextIsTheMeanOfTheKeysByTheirWeights() {
    // The scores are log(2/3), 0 and log(2/3).
    float[] key = {1, 0, 0, 1, 1, 1};
    float[] query = {(float) StrictMath.log(2 / 3.0), 0};
    Attention attention = new Attention(1, 3, 1, 2);
    float[] context = new float[2];
    attention.forward(query, key, new int[] {3}, context);
    double first = 2 / 3.0;
    double total = first + 1 + first;
    assertThat(attention.weights())
        .containsExactly(new double[] {first / total, 1 / total, first / total}, within(1e-7));
    assertThat(context[0]).isCloseTo((float) (2 * first / total), within(1e-6f));
    assertThat(context[1]).isCloseTo((float) ((1 + first) / total), within(1e-6f));
  }

  @Test
  void paddedKeysGetNoWeightAndNoGradient() {
    SplittableRandom random = new SplittableRandom(1);
    float[] query = noise(U * B * S, random);
    float[] key = noise(T * B * S, random);
    Attention attention = new Attention(U, T, B, S);
    float[] context = new float[U * B * S];
    attention.forward(query, key, LENGTHS, context);
    float[] gradKey = new float[key.length];
    attention.backward(
        query, key, LENGTHS, noise(U * B * S, random), new float[query.length], gradKey);
    for (int t = LENGTHS[1]; t < T; t++) {
      for (int u = 0; u < U; u++) {
        assertThat(attention.weights()[(u * B + 1) * T + t]).isZero();
      }
      for (int i = 0; i < S; i++) {
        assertThat(gradKey[(t * B + 1) * S + i]).isZero();
      }
    }
  }

  /** The scalar sum(context * upstream). */
  private static double scalar(float[] query, float[] key, float[] upstream) {
    float[] context = new float[U * B * S];
    new Attention(U, T, B, S).forward(query, key, LENGTHS, context);
    double sum = 0;
    for (int i = 0; i < context.length; i++) {
      sum += (double) context[i] * upstream[i];
    }
    return sum;
  }

  @Test
  void gradientsOfAttentionAreThoseOfFiniteDifferences() {
    SplittableRandom random = new SplittableRandom(2);
    float[] query = noise(U * B * S, random);
    float[] key = noise(T * B * S, random);
    float[] upstream = noise(U * B * S, random);
    Attention attention = new Attention(U, T, B, S);
    attention.forward(query, key, LENGTHS, new float[U * B * S]);
    float[] gradQuery = new float[query.length];
    float[] gradKey = new float[key.length];
    attention.backward(query, key, LENGTHS, upstream, gradQuery, gradKey);
    float step = 1f / 256;
    for (int i = 0; i < query.length; i++) {
      float kept = query[i];
      query[i] = kept + step;
      double above = scalar(query, key, upstream);
      query[i] = kept - step;
      double below = scalar(query, key, upstream);
      query[i] = kept;
      assertThat((above - below) / (2 * step)).isCloseTo(gradQuery[i], within(1e-4));
    }
    for (int i = 0; i < key.length; i++) {
      float kept = key[i];
      key[i] = kept + step;
      double above = scalar(query, key, upstream);
      key[i] = kept - step;
      double below = scalar(query, key, upstream);
      key[i] = kept;
      assertThat((above - below) / (2 * step)).isCloseTo(gradKey[i], within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradientsOfTheWholeModelAreThoseOfFiniteDifferences(boolean attention) {
    EncoderDecoder model =
        new EncoderDecoder(5, Cells.named("lstm"), 3, 4, attention, new SplittableRandom(3));
    EncoderDecoder.Session session = model.new Session(T, B);
    int[] source = {0, 1, 2, 3, 4, 0, 1, 0};
    int[] target = {1, 3, 4, 1, 2, 0, 0, 0};
    Parameters parameters = model.parameters();
    session.loss(source, LENGTHS, target);
    session.backward();
    float[] values = parameters.values();
    float step = 1f / 128;
    double largest = 0;
    for (int i = 0; i < values.length; i++) {
      float kept = values[i];
      values[i] = kept + step;
      parameters.changed();
      double above = session.loss(source, LENGTHS, target);
      values[i] = kept - step;
      parameters.changed();
      double below = session.loss(source, LENGTHS, target);
      values[i] = kept;
      float gradient = parameters.gradients()[i];
      largest = Math.max(largest, Math.abs(gradient));
      assertThat((above - below) / (2 * step)).isCloseTo(gradient, within(1e-4));
    }
    assertThat(largest).isGreaterThan(.05);
  }

  @Test
  void whatIsWrittenDoesNotDependOnTheOtherSequencesAndWeightsSumToOne() {
    EncoderDecoder model =
        new EncoderDecoder(5, Cells.named("gru"), 3, 4, true, new SplittableRandom(4));
    EncoderDecoder.Written both = model.write(3, new int[] {0, 4, 1, 3, 2, 2});
    EncoderDecoder.Written one = model.write(3, new int[] {0, 1, 2});
    for (int t = 0; t < 3; t++) {
      assertThat(both.tokens()[2 * t]).isEqualTo(one.tokens()[t]);
    }
    assertThat(one.weights()).isNotNull();
    assertThat(DoubleStream.of(one.weights()).sum()).isCloseTo(3, within(1e-12));
  }
}
