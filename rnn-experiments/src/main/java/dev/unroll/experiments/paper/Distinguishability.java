package dev.unroll.experiments.paper;

import dev.unroll.run.Team;
import dev.unroll.train.Linear;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * How far apart the states of the things that a network tracks lie, for their spread; and from that
 * alone the step at which its readout will lose them. After Chung, Choi and Kim 2026 (arXiv
 * 2605.07755), who have a state readable while the spread within a class, measured in the
 * directions that separate the classes, is small for the distance between classes, and lost where
 * their ratio crosses what the trained readout bears.
 *
 * <p>The ratio is that of two standard deviations, between and within classes, as the variance
 * components of a one-way analysis of variance have them, over all separating directions together.
 * What the readout bears is measured at the trained length: noise alike in all those directions is
 * added to the states until the accuracy falls below the bar.
 */
final class Distinguishability {
  /** Halvings of the interval in which the noise lies that the readout just bears. */
  private static final int HALVINGS = 40;

  /** The larger end of that interval, in distances between the classes; the smaller is none. */
  private static final double MOST_NOISE = 100;

  /** The least ratio there is. */
  static final double LEAST = 1e-3;

  /** The largest; rounding leaves more spread than that. */
  static final double MOST = 1e6;

  private final int width;
  private final int batch;
  private final int[] targets;
  private final float[] outputs;
  private final double[][] directions;
  private final float[] projected;

  /**
   * Finds the directions that separate the classes where the training ended.
   *
   * @param batch B
   * @param targets the classes {@code [T, B]}
   * @param outputs what the readout reads {@code [T, B, outputs.length / targets.length]}
   * @param from the first step of the window that the directions are taken from, from 0
   * @param to the step after it
   */
  Distinguishability(int batch, int[] targets, float[] outputs, int from, int to) {
    this.batch = batch;
    this.targets = targets;
    this.outputs = outputs;
    width = outputs.length / targets.length;
    directions = separating(classes(outputs, from, to));
    projected = projected();
  }

  /**
   * {@return the standard deviation between the classes over that within them, from {@link #LEAST},
   * where the classes are no farther apart than their spread makes them by chance, to {@link
   * #MOST}, where they have no spread}
   *
   * @param from the first step of the window, from 0
   * @param to the step after it
   */
  double ratio(int from, int to) {
    return classes(projected, from, to).ratio(0);
  }

  /**
   * {@return the ratio at which this readout loses the classes: that of the window, with as much
   * noise as leaves it right in {@code bar} of the answers; NaN where it is not right in as many
   * without}
   */
  double threshold(Linear readout, double bar, int from, int to, RandomGenerator random) {
    int rows = (to - from) * batch;
    float[] noise = new float[rows * width];
    for (int row = 0; row < rows; row++) {
      for (double[] direction : directions) {
        double drawn = random.nextGaussian();
        for (int j = 0; j < width; j++) {
          noise[row * width + j] += (float) (drawn * direction[j]);
        }
      }
    }
    Classes here = classes(projected, from, to);
    if (accuracy(readout, noise, 0, from, rows) < bar) {
      return Double.NaN;
    }
    double borne = 0;
    double step = MOST_NOISE * StrictMath.sqrt(here.between() / directions.length);
    for (int i = 0; i < HALVINGS; i++) {
      step /= 2;
      borne += accuracy(readout, noise, borne + step, from, rows) >= bar ? step : 0;
    }
    return here.ratio(borne * borne * directions.length);
  }

  private double accuracy(Linear readout, float[] noise, double scale, int from, int rows) {
    float[] noisy =
        Arrays.copyOfRange(outputs, from * batch * width, (from * batch + rows) * width);
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] += (float) (scale * noise[i]);
    }
    int classes = readout.outputSize();
    float[] logits = new float[rows * classes];
    readout.forward(Team.single(), rows, noisy, logits);
    int right = 0;
    for (int row = 0; row < rows; row++) {
      int largest = 0;
      for (int c = 1; c < classes; c++) {
        largest = logits[row * classes + c] > logits[row * classes + largest] ? c : largest;
      }
      right += largest == targets[from * batch + row] ? 1 : 0;
    }
    return (double) right / rows;
  }

  /** An orthonormal basis of what the differences of the classes' means span. */
  private static double[][] separating(Classes classes) {
    SingularValueDecomposition svd =
        new SingularValueDecomposition(
            new Array2DRowRealMatrix(classes.centredMeans(), false).transpose());
    double[][] all = svd.getU().transpose().getData();
    return Arrays.copyOf(all, Math.max(1, svd.getRank()));
  }

  /** The outputs along the separating directions. */
  private float[] projected() {
    float[] all = new float[targets.length * directions.length];
    for (int i = 0; i < targets.length; i++) {
      for (int d = 0; d < directions.length; d++) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
          sum += directions[d][j] * outputs[i * width + j];
        }
        all[i * directions.length + d] = (float) sum;
      }
    }
    return all;
  }

  /** What the rows of a window are in sum, class by class. */
  private Classes classes(float[] of, int from, int to) {
    int wide = of.length / targets.length;
    Classes classes = new Classes(wide);
    for (int i = from * batch; i < to * batch; i++) {
      classes.add(targets[i], of, i * wide);
    }
    return classes;
  }

  /** One class: how many rows it has, and their sum. */
  private static final class Group {
    final double[] sum;
    int rows;

    Group(int width) {
      sum = new double[width];
    }

    double squareOfSumByRows() {
      return Arrays.stream(sum).map(one -> one * one).sum() / rows;
    }
  }

  /** A one-way analysis of variance of vectors. */
  static final class Classes {
    private final int width;
    private final Map<Integer, Group> groups = new TreeMap<>();
    private double squares;
    private int rows;

    Classes(int width) {
      this.width = width;
    }

    void add(int target, float[] of, int from) {
      Group group = groups.computeIfAbsent(target, none -> new Group(width));
      for (int d = 0; d < width; d++) {
        double at = of[from + d];
        group.sum[d] += at;
        squares += at * at;
      }
      group.rows++;
      rows++;
    }

    /** The classes' means less the mean of these. */
    double[][] centredMeans() {
      double[][] means =
          groups.values().stream()
              .map(group -> Arrays.stream(group.sum).map(one -> one / group.rows).toArray())
              .toArray(double[][]::new);
      for (int d = 0; d < width; d++) {
        int at = d;
        double middle = Arrays.stream(means).mapToDouble(mean -> mean[at]).average().orElse(0);
        for (double[] mean : means) {
          mean[d] -= middle;
        }
      }
      return means;
    }

    /** The mean square within the classes. */
    double within() {
      return Math.max(0, (squares - ofMeans()) / (rows - groups.size()));
    }

    /** The variance between the classes, without what the spread within adds to that of means. */
    double between() {
      int free = groups.size() - 1;
      Group all = new Group(width);
      all.rows = rows;
      double unequal = 0;
      for (Group group : groups.values()) {
        for (int d = 0; d < width; d++) {
          all.sum[d] += group.sum[d];
        }
        unequal += (double) group.rows * group.rows / rows;
      }
      double meanSquare = (ofMeans() - all.squareOfSumByRows()) / free;
      return Math.max(0, (meanSquare - within()) / ((rows - unequal) / free));
    }

    /** The standard deviation between over that within, to whose square {@code more} is added. */
    double ratio(double more) {
      double between = groups.size() < 2 || rows <= groups.size() ? 0 : between();
      return between == 0
          ? LEAST
          : Math.clamp(StrictMath.sqrt(between / (within() + more)), LEAST, MOST);
    }

    private double ofMeans() {
      return groups.values().stream().mapToDouble(Group::squareOfSumByRows).sum();
    }
  }
}
