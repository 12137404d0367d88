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
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.experiments.task.GateProbe;
import dev.unroll.experiments.task.Networks;
import dev.unroll.experiments.task.TimeGradients;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Exercise 10 of seed 003: masks, gradient norms, gates, short and long sequences apart. */
final class Diagnostics extends Study<Diagnostics.Config> {
  private static final int BINS = 20;
  private static final List<String> LAYERS = List.of("embedding", "layer 1", "readout");

  /**
   * The settings.
   *
   * @param cells lstm and gru, the cells with gates
   * @param shortest shortest sequence of a batch
   * @param longest longest sequence, T
   * @param hiddenSize H
   * @param steps training steps
   * @param samples sequences in a batch, and in the test
   * @param learningRate Adam's
   */
  record Config(
      List<String> cells,
      int shortest,
      int longest,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate) {
    Config {
      for (String cell : cells) {
        Configs.require(
            cell.equals("lstm") || cell.equals("gru"), "cells must be lstm or gru: gates.");
      }
      Configs.require(
          shortest >= 1 && shortest < longest, "shortest must be at least 1 and below longest.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(samples >= 2, "samples must be at least 2.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
    }
  }

  Diagnostics() {
    super(
        "diagnostics",
        "what does a training run look like from inside?",
        5,
        new Config(List.of("lstm", "gru"), 3, 20, 64, 400, 100, .01),
        new Config(List.of("lstm", "gru"), 3, 8, 16, 20, 40, .01));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return config.cells().stream().map(cell -> Trial.of(seed).with("cell", cell)).toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    String cell = trial.text("cell");
    // The gate that decides what is kept: f of the LSTM, z of the GRU.
    int keeps = 1;
    int batch = config.samples();
    Model model =
        new Model(
            new Model.Config(
                10, RecurrentConfig.of(Cells.named(cell), 16, config.hiddenSize()), 10),
            context.random("weights"));
    CopyFirstTask task = new CopyFirstTask(config.longest(), batch, 10, context.random("data"));
    SplittableRandom lengthRandom = context.random("lengths");
    int[] lengths = new int[batch];
    Session session =
        model.session(config.longest(), batch, Readout.LAST_STEP, true, Team.single());
    Training training = new Training(model.parameters(), new Adam(config.learningRate()), 5);
    task.next();
    double[] gatesBefore = GateProbe.histogram(model, keeps, task.tokens(), batch, BINS);
    Map<String, List<Double>> norms = new LinkedHashMap<>();
    for (int step = 0; step < config.steps(); step++) {
      task.next();
      draw(lengths, config, lengthRandom);
      training.step(
          () -> {
            session.forward(task.tokens(), null, lengths, null);
            return session.crossEntropy(task.targets());
          },
          session::backward);
      if (step % 10 == 0) {
        training
            .layerNorms()
            .forEach(
                (layer, norm) -> norms.computeIfAbsent(layer, l -> new ArrayList<>()).add(norm));
      }
      context.progress((step + 1.0) / (config.steps() + 1));
    }
    task.next();
    draw(lengths, config, lengthRandom);
    ObjectNode figures = figures();
    test(figures, config, session, task, lengths);
    double[] through = TimeGradients.log10Norms(model, task.tokens(), task.targets(), batch);
    put(figures, "gates_before", gatesBefore);
    put(figures, "gates_after", GateProbe.histogram(model, keeps, task.tokens(), batch, BINS));
    put(figures, "gradient_through_time", through);
    norms.forEach(
        (layer, values) ->
            put(figures, "norms " + layer, values.stream().mapToDouble(n -> n).toArray()));
    return figures;
  }

  private static void draw(int[] lengths, Config config, SplittableRandom random) {
    Arrays.setAll(lengths, b -> random.nextInt(config.shortest(), config.longest() + 1));
  }

  /** Accuracy on short and long sequences apart, and whether padding changes the loss. */
  private static void test(
      ObjectNode figures, Config config, Session session, CopyFirstTask task, int[] lengths) {
    session.forward(task.tokens(), null, lengths, null);
    double loss = session.crossEntropy(task.targets());
    int middle = (config.shortest() + config.longest()) / 2;
    double[] right = new double[2];
    double[] all = new double[2];
    for (int b = 0; b < lengths.length; b++) {
      int group = lengths[b] <= middle ? 0 : 1;
      all[group]++;
      right[group] += session.predictions()[b] == task.targets()[b] ? 1 : 0;
    }
    figures.put("accuracy_short", right[0] / Math.max(1, all[0]));
    figures.put("accuracy_long", right[1] / Math.max(1, all[1]));
    int[] repadded = task.tokens().clone();
    for (int t = 0; t < config.longest(); t++) {
      for (int b = 0; b < lengths.length; b++) {
        if (t >= lengths[b]) {
          repadded[t * lengths.length + b] = (repadded[t * lengths.length + b] + 1) % 10;
        }
      }
    }
    session.forward(repadded, null, lengths, null);
    figures.put("padding_moves_loss", Math.abs(session.crossEntropy(task.targets()) - loss));
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    XYChart gates =
        Charts.xy(
            "The gate that keeps: f of the LSTM, z of the GRU",
            "openness of the gate (0 closed, 1 open)",
            "fraction of units and steps");
    XYChart norms =
        Charts.xy("Gradient norms during training", "training steps", "log10 of the norm");
    XYChart time =
        Charts.xy(
            "Gradient of the loss by the state, after training",
            "lag behind the last step (steps)",
            "log10 of the norm, last step = 0");
    double[] lags = IntStream.range(0, config.longest()).asDoubleStream().toArray();
    double[] bins = IntStream.range(0, BINS).mapToDouble(i -> (i + .5) / BINS).toArray();
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < config.cells().size(); i++) {
      String cell = config.cells().get(i);
      String label = Networks.label(cell);
      Outcome<Config> some = outcome.where("cell", cell);
      if (some.isEmpty()) {
        continue;
      }
      Map<String, Object> where = Map.of("cell", cell);
      Figure shorter = Figure.of("accuracy_short", where, "fraction", some.each("accuracy_short"));
      Figure longer = Figure.of("accuracy_long", where, "fraction", some.each("accuracy_long"));
      Figure before =
          Figure.of("saturated_before", where, "fraction", saturated(some, "gates_before"));
      Figure after =
          Figure.of("saturated_after", where, "fraction", saturated(some, "gates_after"));
      Figure through =
          Figure.of(
              "log10_gradient_at_first_step",
              where,
              "",
              some.records().stream()
                  .mapToDouble(
                      record -> record.numbers("gradient_through_time")[config.longest() - 1])
                  .toArray());
      Figure padding =
          Figure.of("padding_moves_loss", where, "nats", some.each("padding_moves_loss"))
              .withBand(Band.atMost(0));
      figures.addAll(List.of(shorter, longer, before, after, through, padding));
      rows.add(
          List.of(
              label,
              shorter.text(2),
              longer.text(2),
              before.text(3),
              after.text(3),
              through.text(1),
              Numbers.plain(padding.mean())));
      Charts.meanWithBand(
          gates, label + " before", Ink.of(2 * i), bins, each(some, "gates_before"), true);
      Charts.meanWithBand(
          gates, label + " after", Ink.of(2 * i + 1), bins, each(some, "gates_after"), true);
      Charts.meanWithBand(time, label, Ink.of(i), lags, each(some, "gradient_through_time"), true);
      double[] steps =
          IntStream.range(0, some.first().numbers("norms layer 1").length)
              .mapToDouble(step -> 10.0 * step)
              .toArray();
      for (int layer = 0; layer < LAYERS.size(); layer++) {
        Charts.meanWithBand(
            norms,
            label + " " + LAYERS.get(layer),
            Ink.of(LAYERS.size() * i + layer),
            steps,
            logs(each(some, "norms " + LAYERS.get(layer))),
            false);
      }
    }
    return new Conclusion(
        new Result.Story(
            "What does a training run look like from inside?",
            Numbers.format(
                "copy-first with sequences of %d to %d steps in one padded batch, hidden %d, %d"
                    + " Adam steps; gates, gradients and losses are looked at on the way.",
                config.shortest(), config.longest(), config.hiddenSize(), config.steps()),
            "Exercise 10 of seed 003 lists what to watch: masks before averaging, gradient norms"
                + " through time, gate saturation, short and long sequences apart.",
            String.join(
                    " ",
                    rows.stream()
                        .map(
                            row ->
                                row.get(0)
                                    + ": accuracy "
                                    + row.get(1).split(" ", 2)[0]
                                    + " on short and "
                                    + row.get(2).split(" ", 2)[0]
                                    + " on long sequences; gates beyond .1 and .9 go from "
                                    + row.get(3).split(" ", 2)[0]
                                    + " to "
                                    + row.get(4).split(" ", 2)[0]
                                    + ".")
                        .toList())
                + " Other padding does not move any loss.",
            "One average over a batch hides that short sequences are learned long before long ones."
                + " Gates begin near one half, where they forget by half at each step; learning to"
                + " remember shows as gates that move to their end. The mask is right when what"
                + " stands in padded steps cannot be seen in the loss."),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Inside the training",
                List.of(
                    "cell",
                    "accuracy, short",
                    "accuracy, long",
                    "gates saturated before",
                    "gates saturated after",
                    "log10 gradient at the first step",
                    "loss moved by padding"),
                rows)),
        List.of(
            new Chart("gates", "Histograms of the gate, mean over the seeds with bands.", gates),
            new Chart(
                "norms",
                "Gradient norm of each layer, mean of log10 over the seeds with bands.",
                norms),
            new Chart(
                "through-time",
                "How far the gradient reaches in the longest sequences, with 95 % bands.",
                time)));
  }

  private static List<double[]> each(Outcome<Config> outcome, String figure) {
    return outcome.records().stream().map(record -> record.numbers(figure)).toList();
  }

  private static List<double[]> logs(List<double[]> runs) {
    return runs.stream().map(run -> Arrays.stream(run).map(StrictMath::log10).toArray()).toList();
  }

  /** The fraction of values below .1 or above .9 in each trial. */
  private static double[] saturated(Outcome<Config> outcome, String figure) {
    return each(outcome, figure).stream()
        .mapToDouble(bins -> bins[0] + bins[1] + bins[BINS - 2] + bins[BINS - 1])
        .toArray();
  }
}
