package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/**
 * Seed 000's serial bottleneck: time of an epoch against length. Its metrics are times, so that
 * alone among the experiments they differ from run to run.
 */
final class SerialTime extends Study<SerialTime.Config> {
  /**
   * The settings.
   *
   * @param lengths T, the shortest first
   * @param vocabSize tokens and width of the embedding
   * @param hiddenSize H
   * @param windows training steps of an epoch, one window each
   * @param rounds epochs that are timed at each length, after one that is not
   */
  record Config(List<Integer> lengths, int vocabSize, int hiddenSize, int windows, int rounds) {
    Config {
      Configs.require(lengths.size() >= 3, "lengths must be three or more.");
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(windows >= 1, "windows must be at least 1.");
      Configs.require(rounds >= 1, "rounds must be at least 1.");
    }
  }

  SerialTime() {
    super(
        "serial-time",
        "how does the time of an epoch grow with the length of the sequence?",
        5,
        new Config(List.of(20, 50, 100, 150, 200), 65, 128, 200, 3),
        new Config(List.of(20, 100, 200), 65, 128, 40, 1));
  }

  @Override
  public boolean parallel() {
    return false;
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return List.of(Trial.of(seed));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    SplittableRandom random = context.random("data");
    double[] seconds = new double[config.lengths().size()];
    // One warm-up pass over all lengths, so that none pays for the compiler.
    for (int i = 0; i < seconds.length; i++) {
      epoch(config, config.lengths().get(i), random, context);
    }
    for (int i = 0; i < seconds.length; i++) {
      double[] rounds = new double[config.rounds()];
      for (int round = 0; round < rounds.length; round++) {
        rounds[round] = epoch(config, config.lengths().get(i), random, context);
      }
      // The quickest round is the one that was disturbed least.
      seconds[i] = Arrays.stream(rounds).min().orElseThrow();
      context.progress((i + 1.0) / seconds.length);
    }
    ObjectNode figures = figures();
    figures.put("ratio", seconds[seconds.length - 1] / seconds[0]);
    put(figures, "seconds", seconds);
    return figures;
  }

  private static double epoch(
      Config config, int length, SplittableRandom random, TrialContext context) {
    int v = config.vocabSize();
    RecurrentConfig recurrent = RecurrentConfig.of(Cells.named("rnn_tanh"), v, config.hiddenSize());
    Model model = new Model(new Model.Config(v, recurrent, v), context.random("weights"));
    Session session = model.session(length, 1, Readout.EVERY_STEP, true, Team.single());
    Training training = new Training(model.parameters(), new Adam(.003), Double.POSITIVE_INFINITY);
    int[] text = random.ints(length + 1L, 0, v).toArray();
    int[] targets = Arrays.copyOfRange(text, 1, length + 1);
    long start = System.nanoTime();
    for (int i = 0; i < config.windows(); i++) {
      training.step(
          () -> {
            session.forward(text, null, null, null);
            return session.crossEntropy(targets);
          },
          session::backward);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    double[] x = config.lengths().stream().mapToDouble(length -> length).toArray();
    List<double[]> runs =
        outcome.records().stream()
            .map(
                record ->
                    Arrays.stream(record.numbers("seconds"))
                        .map(seconds -> 1e6 * seconds / config.windows())
                        .toArray())
            .toList();
    SimpleRegression fit = new SimpleRegression();
    List<List<String>> rows = new ArrayList<>();
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      int at = i;
      Figure time =
          Figure.of(
              "training_step",
              Map.of("T", config.lengths().get(i)),
              "microseconds",
              runs.stream().mapToDouble(run -> run[at]).toArray());
      figures.add(time);
      fit.addData(x[i], time.mean());
      rows.add(List.of(String.valueOf(config.lengths().get(i)), time.text(0)));
    }
    Figure ratio =
        Figure.of("ratio_of_longest_to_shortest", Map.of(), "", outcome.each("ratio"))
            .withClaim(7.9)
            .withBand(new Band(5.0, 10.5, "near 7.9 (5 to 10.5 ours)"));
    figures.add(ratio);
    XYChart chart =
        Charts.xy("Time of one training step", "sequence length T (steps)", "time (microseconds)");
    chart.getStyler().setYAxisMin(0.0);
    Charts.meanWithBand(chart, "tanh RNN, batch of one", Ink.BLUE, x, runs, true);
    Charts.curve(
        chart,
        Numbers.format("fit: %.1f + %.2f T", fit.getIntercept(), fit.getSlope()),
        Ink.REFERENCE,
        new double[] {0, x[x.length - 1]},
        new double[] {fit.getIntercept(), fit.predict(x[x.length - 1])});
    return new Conclusion(
        new Result.Story(
            "How does the time of an epoch grow with the length of the sequence?",
            "Seed 000's training, one window at a time through a tanh RNN of "
                + config.hiddenSize()
                + ", at T = "
                + String.join(", ", config.lengths().stream().map(String::valueOf).toList())
                + "; "
                + config.windows()
                + " windows an epoch, the quickest of "
                + config.rounds()
                + " epochs, one thread.",
            "One epoch of 1000 windows took 26.3 s at T = 200; a longer sequence makes a slower"
                + " epoch because t1, t2, t3 must be computed one after another. PyTorch's ratio"
                + " between T = 200 and 20 is 7.9.",
            Numbers.format(
                "The longest takes %.1f times as long as the shortest: a step costs %.2f"
                    + " microseconds for each character and %.0f besides (R squared %.4f).",
                ratio.mean(), fit.getSlope(), fit.getIntercept(), fit.getRSquare()),
            "The time is a straight line in T: no step can begin before the one before it ends, and"
                + " no core can help. What keeps the ratio below that of the lengths is the part of"
                + " a step that does not depend on T, such as the optimizer's."),
        figures,
        List.of(
            new Result.Check(
                "time grows in a straight line: R squared above .98",
                fit.getRSquare() > .98,
                Numbers.format("%.4f", fit.getRSquare()))),
        List.of(
            new Result.Table(
                "Time of one training step", List.of("T", "microseconds [95 % interval]"), rows)),
        List.of(new Chart("time", "Mean over the seeds with its 95 % band, and a fit.", chart)));
  }
}
