package dev.unroll.experiments.notebook;

import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.experiments.task.Attention;
import dev.unroll.experiments.task.NumpyRandom;
import dev.unroll.experiments.task.PositionalEncoding;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Embedding;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import dev.unroll.train.SoftmaxCrossEntropy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A calculation that a notebook prints, done by the library: cells, losses, clipping, embeddings
 * and attention get the notebook's numbers as weights, gates or logits.
 *
 * @param name what is computed
 * @param source the notebook, and its exercise
 * @param printed the digits
 * @param tolerance how far the library may be from them
 * @param computed the library's numbers
 */
record HandCalculation(
    String name, String source, double[] printed, double tolerance, Supplier<double[]> computed) {
  /** A unit of the seventh digit, which single precision keeps for these numbers. */
  private static final double DIGITS = 1e-7;

  /** Clipping divides by the norm + 1e-6, as PyTorch does. */
  private static final double CLIPPED = 5e-7;

  private static final double[][] WORDS = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  private static final double[] PROBABILITIES = {.8, .6, .5};

  /** What sine and cosine of 1 place give, in four frequencies. */
  private static final double[] PLACE_1 = {
    .84147098, .54030231, .09983342, .99500417, .00999983, .99995, .001, .9999995
  };

  /** All of them, with the random weights of a seed of numpy's and so many vectors of noise. */
  static List<HandCalculation> all(int numpySeed, int noise) {
    NumpyRandom random = new NumpyRandom(numpySeed);
    double[][] wx = random.gaussian(3, 2);
    double[][] wh = random.gaussian(2, 2);
    double[][] noises = random.gaussian(noise, 3);
    return List.of(
        of("tiny RNN, step 1", "000", DIGITS, () -> tiny(wx, wh, WORDS, 1), .45952909, -.13738992),
        of("tiny RNN, step 2", "000", DIGITS, () -> tiny(wx, wh, WORDS, 2), .89327092, .94692458),
        of("tiny RNN, step 3", "000", DIGITS, () -> tiny(wx, wh, WORDS, 3), .62425975, .74656684),
        of(
            "noise before the words",
            "000",
            DIGITS,
            () -> tiny(wx, wh, joined(noises, WORDS), noise + 3),
            -.14714332,
            .23473421),
        of(
            "noise after the words",
            "what 000 needs",
            DIGITS,
            () -> tiny(wx, wh, joined(WORDS, noises), noise + 3),
            -.97776274,
            -.96790998),
        of("bag of words, dog bites man", "000", DIGITS, () -> bag("dog bites man"), 1, 1, 1),
        of("bag of words, man bites dog", "000", DIGITS, () -> bag("man bites dog"), 1, 1, 1),
        of("vanilla RNN update", "003, 1", DIGITS, HandCalculation::rnn, .8482836, -.7615942),
        of(
            "sequence probability",
            "003, 2",
            DIGITS,
            () -> new double[] {StrictMath.exp(logProbability())},
            .24),
        of("log probability", "003, 2", DIGITS, () -> new double[] {logProbability()}, -1.4271164),
        of("gradient product", "003, 3", DIGITS, HandCalculation::gradientProduct, .1073741824),
        of("gradient clipping", "003, 4", CLIPPED, HandCalculation::clipped, 3, 4),
        of("LSTM cell update", "003, 5", DIGITS, HandCalculation::lstm, .95, 0),
        of("GRU update", "003, 6", DIGITS, HandCalculation::gru, .75, .125),
        of("masked loss", "003, 7", DIGITS, HandCalculation::maskedLoss, .5),
        of("shape of the logits", "003, 8", 0, HandCalculation::logits, 3, 5, 100),
        of("attention context", "003, 9", DIGITS, HandCalculation::context, .7, .8),
        of(
            "positional encoding, place 1",
            "004",
            DIGITS,
            () -> PositionalEncoding.of(2, 8)[1],
            PLACE_1),
        of(
            "encoder input less embedding, place 1",
            "004",
            DIGITS,
            HandCalculation::encoderInputLessEmbedding,
            PLACE_1));
  }

  private static HandCalculation of(
      String name,
      String source,
      double tolerance,
      Supplier<double[]> computed,
      double... printed) {
    return new HandCalculation(name, source, printed, tolerance, computed);
  }

  /** Notebook 000's network; its row vectors make its weights the transposes of PyTorch's. */
  private static double[] tiny(double[][] wx, double[][] wh, double[][] xs, int steps) {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_tanh"), 3, 2).withBias(false);
    double[] x = flat(Arrays.copyOf(xs, steps));
    return doubles(
        last(
                network(
                    config, Map.of("weight_ih_l0", transposed(wx), "weight_hh_l0", transposed(wh))),
                x,
                null)
            .h());
  }

  /** How often each word occurs, in alphabetical order: the gradient of the sum of its rows. */
  private static double[] bag(String sentence) {
    List<String> words = List.of(sentence.split(" "));
    List<String> vocabulary = words.stream().sorted().distinct().toList();
    Parameters parameters = new Parameters();
    Embedding embedding = new Embedding(parameters, "", vocabulary.size(), 1);
    int[] ids = words.stream().mapToInt(vocabulary::indexOf).toArray();
    float[] ones = new float[ids.length];
    Arrays.fill(ones, 1);
    embedding.backward(ids.length, ids, ones);
    return doubles(parameters.gradients());
  }

  private static double[] rnn() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_tanh"), 2, 2).withBias(false);
    Recurrent network =
        network(
            config,
            Map.of(
                "weight_ih_l0", new double[] {1, 0, 0, 1},
                "weight_hh_l0", new double[] {.5, 0, 0, .5}));
    return doubles(last(network, new double[] {1, -1}, state(.5, 0)).h());
  }

  private static double logProbability() {
    int rows = PROBABILITIES.length;
    return -rows * loss(PROBABILITIES, new int[rows]);
  }

  /** Units that are all on pass the gradient on times their weight, ten times. */
  private static double[] gradientProduct() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("rnn_relu"), 1, 1).withBias(false);
    Recurrent network = network(config, Map.of("weight_hh_l0", new double[] {.8}));
    var workspace = network.workspace(10, 1, true);
    float[] zeros = new float[10];
    State gradient = State.zeros(config, 1);
    network.forward(workspace, zeros, state(1), null, new float[10], null);
    network.backward(workspace, zeros, zeros, state(1), null, gradient);
    return doubles(gradient.h());
  }

  private static double[] clipped() {
    Parameters parameters = new Parameters();
    parameters.add("weight", 2);
    parameters.gradients()[0] = 6;
    parameters.gradients()[1] = 8;
    GradientClipping.byGlobalNorm(parameters, 5);
    return doubles(parameters.gradients());
  }

  /** Biases open the gates i, f and g as far as the exercise says; the output gate is half open. */
  private static double[] lstm() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("lstm"), 1, 2);
    double[] gates = {
      logit(.1), logit(.8), logit(.9), logit(.2), atanh(.5), atanh(.25), logit(.5), logit(.5)
    };
    State before = State.of(config.cell(), new float[2], new float[] {1, -1});
    Recurrent network = network(config, Map.of("bias_ih_l0", gates));
    return doubles(last(network, new double[1], before).c());
  }

  /** The exercise's z takes the new state where PyTorch's, as here, keeps the old one. */
  private static double[] gru() {
    RecurrentConfig config = RecurrentConfig.of(Cells.named("gru"), 1, 2);
    double[] gates = {logit(.5), logit(.5), logit(1 - .25), logit(1 - .75), atanh(0), atanh(.5)};
    Recurrent network = network(config, Map.of("bias_ih_l0", gates));
    return doubles(last(network, new double[1], state(1, -1)).h());
  }

  /** The third token is padding: whatever its loss, it does not count. */
  private static double[] maskedLoss() {
    double[] probabilities = {StrictMath.exp(-.4), StrictMath.exp(-.6), .01};
    return new double[] {loss(probabilities, new int[] {0, 0, SoftmaxCrossEntropy.MASKED})};
  }

  /** The mean loss where the first of two classes has these probabilities. */
  private static double loss(double[] probabilities, int[] targets) {
    int rows = probabilities.length;
    float[] logits = new float[2 * rows];
    for (int r = 0; r < rows; r++) {
      logits[2 * r] = (float) logit(probabilities[r]);
    }
    return new SoftmaxCrossEntropy(rows, 2, Team.single()).forward(logits, targets);
  }

  /**
   * B, T and V of a model that reads every step out: rows that its loss counts, and their width.
   */
  private static double[] logits() {
    int batch = 3;
    int steps = 5;
    int vocabulary = 100;
    Model model =
        new Model(
            Model.Config.of(RecurrentConfig.of(Cells.named("gru"), 2, 2), vocabulary)
                .withEmbedding(vocabulary),
            Initializer.random(1));
    Session session = model.session(steps, batch, Readout.EVERY_STEP, false);
    int[] tokens = IntStream.range(0, steps * batch).toArray();
    session.forward(tokens);
    session.crossEntropy(tokens);
    int rows = session.count();
    return new double[] {batch, (double) rows / batch, (double) session.logits().length / rows};
  }

  /** The one query whose scores for the three states give the exercise's weights. */
  private static double[] context() {
    float[] query = {(float) StrictMath.log(.5 / .3), (float) StrictMath.log(.5 / .2)};
    float[] context = new float[2];
    new Attention(1, 3, 1, 2)
        .forward(query, new float[] {1, 0, 0, 1, 1, 1}, new int[] {3}, context);
    return doubles(context);
  }

  private static double[] encoderInputLessEmbedding() {
    int size = 8;
    Parameters parameters = new Parameters();
    Embedding embedding = new Embedding(parameters, "", 3, size);
    Initializer.normal(
        parameters.values(), parameters.slice("weight"), Initializer.random(1), 0, 1);
    int[] tokens = {2, 0, 1};
    float[] rows = new float[tokens.length * size];
    embedding.forward(tokens.length, tokens, rows);
    double[] input = PositionalEncoding.addedTo(rows, size);
    return IntStream.range(0, size)
        .mapToDouble(i -> input[size + i] - parameters.values()[tokens[1] * size + i])
        .toArray();
  }

  /** One layer with these parameters; all others are zero. */
  private static Recurrent network(RecurrentConfig config, Map<String, double[]> given) {
    Parameters parameters = new Parameters();
    Recurrent network = new Recurrent(parameters, "", config);
    given.forEach(
        (name, values) ->
            System.arraycopy(
                floats(values),
                0,
                parameters.values(),
                parameters.slice(name).offset(),
                values.length));
    parameters.changed();
    return network;
  }

  /** The state after one sequence; null begins with zeros. */
  private static State last(Recurrent network, double[] x, @Nullable State initial) {
    RecurrentConfig config = network.config();
    int steps = x.length / config.inputSize();
    State last = State.zeros(config, 1);
    network.forward(
        network.workspace(steps, 1, false),
        floats(x),
        initial,
        null,
        new float[steps * config.outputSize()],
        last);
    return last;
  }

  private static State state(double... h) {
    return State.of(Cells.named("rnn_relu"), floats(h));
  }

  private static double logit(double p) {
    return StrictMath.log(p / (1 - p));
  }

  private static double atanh(double x) {
    return logit((1 + x) / 2) / 2;
  }

  private static double[][] joined(double[][] first, double[][] second) {
    List<double[]> rows = new ArrayList<>(List.of(first));
    rows.addAll(List.of(second));
    return rows.toArray(double[][]::new);
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] transposed(double[][] matrix) {
    int rows = matrix.length;
    double[] transposed = new double[rows * matrix[0].length];
    Arrays.setAll(transposed, i -> matrix[i % rows][i / rows]);
    return transposed;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
