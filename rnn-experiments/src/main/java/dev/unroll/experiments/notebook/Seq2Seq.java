package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Contest;
import dev.unroll.experiments.harness.Contest.Match;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.EncoderDecoder;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.chart.HeatMap;
import dev.unroll.train.Adam;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.internal.chartpart.IChart;

/** Exercise 5 of notebook 001: an encoder-decoder, with and without attention, reverses tokens. */
final class Seq2Seq {
  private static final String GUESS = "guessing";
  private static final String PLAIN = "encoder-decoder";
  private static final String ATTENTION = "with attention";
  private static final Setting<Integer> SHORTEST = Setting.count("shortest", 1);
  private static final Setting<Integer> LONGEST = Setting.count("longest", 1);

  private static final Axis TESTED =
      Axis.of(
          "length",
          all -> IntStream.rangeClosed(all.get(SHORTEST), all.get(LONGEST)).boxed().toList());

  static final Experiment EXPERIMENT =
      new Contest("accuracy", "fraction of tokens", true)
          .over(
              Experiment.of("seq2seq", Seq2Seq::trial)
                  .settings(
                      new Settings()
                          .with(VOCAB_SIZE, 10)
                          .with(SHORTEST, 3)
                          .with(LONGEST, 12)
                          .with(ONE_CELL, "gru")
                          .with(EMBEDDING_SIZE, 16)
                          .with(HIDDEN_SIZE, 64)
                          .with(STEPS, 1500)
                          .with(SAMPLES, 64)
                          .with(LEARNING_RATE, .003)
                          .require(
                              "shortest must be at least 1 and below longest.",
                              all -> all.get(SHORTEST) < all.get(LONGEST)))
                  .quick(
                      full ->
                          full.with(LONGEST, 6)
                              .with(HIDDEN_SIZE, 32)
                              .with(STEPS, 60)
                              .with(SAMPLES, 32)
                              .with(LEARNING_RATE, .01))
                  .tell("cell_label", outcome -> CellNames.label(outcome.get(ONE_CELL)))
                  .tell("looks_back", Seq2Seq::looksBack),
              Axis.of("model", all -> List.of(GUESS, PLAIN, ATTENTION)),
              new Match(PLAIN, GUESS),
              new Match(ATTENTION, PLAIN))
          .measure(Measure.of("tokens right", "tokens_right").along(TESTED).clipped(0, 1).drawn())
          .measure(
              Measure.of("sequences right", "sequences_right").along(TESTED).range(0, 1).drawn())
          .table(
              Table.of("Whole sequences reversed without a mistake, by length")
                  .rows("length")
                  .column(PLAIN, row -> whole(row, PLAIN))
                  .column(ATTENTION, row -> whole(row, ATTENTION)))
          .plot(
              Plot.lines("length", "tokens right", "length")
                  .by("model")
                  .title("Tokens right against length")
                  .axes("length of the sequence (steps)", "fraction of tokens")
                  .reference(GUESS, outcome -> 1.0 / outcome.get(VOCAB_SIZE))
                  .caption("Mean over the seeds with its 95 % band, on unseen sequences."))
          .plot(
              Plot.of("attention", Seq2Seq::map)
                  .caption(
                      "Where the first seed's decoder looks, mean over its longest test"
                          + " sequences."));

  private Seq2Seq() {}

  private static String whole(Table.Row row, String model) {
    Figure figure = row.grid("sequences right").at("model=" + model);
    return figure == null ? "" : figure.text(2);
  }

  private static Measured trial(TrialContext trial) {
    int kinds = trial.get(VOCAB_SIZE);
    if (trial.text("model").equals(GUESS)) {
      return new Measured().put("score", 1.0 / kinds);
    }
    EncoderDecoder model = train(trial);
    SplittableRandom random = trial.random("test");
    int batch = trial.get(SAMPLES);
    int lengths = trial.get(LONGEST) - trial.get(SHORTEST) + 1;
    double[] tokensRight = new double[lengths];
    double[] sequencesRight = new double[lengths];
    Measured measured = new Measured();
    for (int i = 0; i < lengths; i++) {
      int steps = trial.get(SHORTEST) + i;
      int[] source = random.ints((long) steps * batch, 0, kinds).toArray();
      EncoderDecoder.Written written = model.write(steps, source);
      score(batch, source, written.tokens(), i, tokensRight, sequencesRight);
      double[] weights = written.weights();
      if (weights != null && steps == trial.get(LONGEST)) {
        measured.put("attention", meanOverSequences(steps, batch, weights));
      }
    }
    return measured
        .put("score", Arrays.stream(tokensRight).sum() / lengths)
        .put("tokens_right", tokensRight)
        .put("sequences_right", sequencesRight);
  }

  private static EncoderDecoder train(TrialContext trial) {
    int kinds = trial.get(VOCAB_SIZE);
    EncoderDecoder model =
        new EncoderDecoder(
            kinds,
            Cells.named(trial.get(ONE_CELL)),
            trial.get(EMBEDDING_SIZE),
            trial.get(HIDDEN_SIZE),
            trial.text("model").equals(ATTENTION),
            trial.random("weights"));
    int steps = trial.get(LONGEST);
    int batch = trial.get(SAMPLES);
    EncoderDecoder.Session session = model.new Session(steps, batch);
    Training training = new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), 5);
    SplittableRandom random = trial.random("data");
    int[] source = new int[steps * batch];
    int[] target = new int[steps * batch];
    int[] lengths = new int[batch];
    for (int step = 0; step < trial.get(STEPS); step++) {
      for (int b = 0; b < batch; b++) {
        lengths[b] = random.nextInt(trial.get(SHORTEST), steps + 1);
        for (int t = 0; t < lengths[b]; t++) {
          int token = random.nextInt(kinds);
          source[t * batch + b] = token;
          target[(lengths[b] - 1 - t) * batch + b] = token;
        }
      }
      training.step(() -> session.loss(source, lengths, target), session::backward);
      trial.progress((step + 1.0) / (trial.get(STEPS) + 1));
    }
    return model;
  }

  /** The fractions of tokens and of whole sequences that are the source reversed. */
  private static void score(
      int batch, int[] source, int[] written, int at, double[] tokens, double[] sequences) {
    int steps = source.length / batch;
    for (int b = 0; b < batch; b++) {
      int right = 0;
      for (int t = 0; t < steps; t++) {
        right += written[t * batch + b] == source[(steps - 1 - t) * batch + b] ? 1 : 0;
      }
      tokens[at] += right / (double) (steps * batch);
      sequences[at] += right == steps ? 1.0 / batch : 0;
    }
  }

  /** {@code [T, T]} from {@code [T, B, T]}, to five digits. */
  private static double[] meanOverSequences(int steps, int batch, double[] weights) {
    double[] mean = new double[steps * steps];
    for (int i = 0; i < weights.length; i++) {
      mean[i / (batch * steps) * steps + i % steps] += weights[i] / batch;
    }
    return Arrays.stream(mean).map(weight -> StrictMath.rint(weight * 1e5) / 1e5).toArray();
  }

  /** The first seed's attention, a row for each token written; empty where there is none. */
  private static double[][] attention(Outcome outcome) {
    Outcome attending = outcome.where("model", ATTENTION);
    if (attending.isEmpty()) {
      return new double[0][];
    }
    int steps = outcome.get(LONGEST);
    double[] weights = attending.first().numbers("attention");
    return IntStream.range(0, steps)
        .mapToObj(t -> Arrays.copyOfRange(weights, t * steps, (t + 1) * steps))
        .toArray(double[][]::new);
  }

  /** Whether the later a token is written, the earlier the one that is looked at most. */
  private static boolean looksBack(Outcome outcome) {
    int[] most =
        Arrays.stream(attention(outcome))
            .mapToInt(
                row -> IntStream.range(0, row.length).reduce(0, (i, j) -> row[j] > row[i] ? j : i))
            .toArray();
    return most.length > 1
        && most[0] > most[most.length - 1]
        && IntStream.range(1, most.length).allMatch(t -> most[t] <= most[t - 1]);
  }

  private static @Nullable IChart map(Outcome outcome) {
    // The first written token stands on top, as one reads.
    List<double[]> rows = List.of(attention(outcome)).reversed();
    List<Integer> read = IntStream.rangeClosed(1, rows.size()).boxed().toList();
    return rows.isEmpty()
        ? null
        : HeatMap.of(
            "Attention",
            "token read",
            "token written",
            read,
            read.reversed(),
            rows.toArray(double[][]::new));
  }
}
