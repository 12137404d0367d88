package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.AddingTask;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.Team;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** The adding problem, and whether what was learned at one length holds at others. */
final class Adding extends Study<Adding.Config> {
  /**
   * The settings.
   *
   * @param variants cells with their initializations, see {@link Variant}
   * @param lengths T that is trained at
   * @param testLengths T that is tested at
   * @param testSamples sequences of each test
   * @param hiddenSize H
   * @param steps most training steps
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar part of the baseline's error that has to be gone, in the mean of a window, for the
   *     problem to count as solved and the training to end
   */
  record Config(
      List<String> variants,
      List<Integer> lengths,
      List<Integer> testLengths,
      int testSamples,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    Config {
      Variant.require(variants);
      lengths.forEach(length -> Configs.require(length >= 2, "lengths must be at least 2."));
      testLengths.forEach(
          length -> Configs.require(length >= 2, "test_lengths must be at least 2."));
      Configs.require(testSamples >= 1, "test_samples must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Solver solver() {
      return new Solver(steps, learningRate, clipNorm, window, bar);
    }
  }

  Adding() {
    super(
        "adding",
        "which cells solve the adding problem, and at lengths they have not seen?",
        5,
        new Config(
            List.of(
                "rnn_tanh:default",
                "rnn_relu:identity",
                "lstm:forget-1",
                "lstm:chrono",
                "gru:default",
                "gru:chrono"),
            List.of(100, 200),
            List.of(100, 200, 400),
            1000,
            64,
            10_000,
            50,
            .002,
            5,
            50,
            .99),
        new Config(
            List.of("rnn_tanh:default", "gru:chrono"),
            List.of(10),
            List.of(5, 10, 20),
            200,
            24,
            300,
            32,
            .01,
            5,
            20,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    List<Trial> trials = new ArrayList<>();
    for (String variant : config.variants()) {
      for (int length : config.lengths()) {
        trials.add(
            Trial.of(seed)
                .with("variant", variant)
                .with("length", length)
                .withWork(length * (1 + Variant.of(variant).cell().gates())));
      }
    }
    return trials;
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int length = trial.number("length");
    Model model =
        Variant.of(trial.text("variant"))
            .model(0, AddingTask.INPUT_SIZE, config.hiddenSize(), 1, 1, length, context::random);
    AddingTask task = new AddingTask(length, config.samples(), context.random("data"));
    ObjectNode figures = config.solver().run(model, task, context, 0, .98).withLosses(figures());
    double[] errors =
        config.testLengths().stream()
            .mapToDouble(
                at ->
                    test(
                        model,
                        new AddingTask(at, config.testSamples(), context.random("test " + at))))
            .toArray();
    put(figures, "test_errors", errors);
    return figures;
  }

  private static double test(Model model, AddingTask task) {
    task.next();
    Session session =
        model.session(task.steps(), task.batch(), task.readout(), false, Team.single());
    task.forward(session);
    return task.loss(session);
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<Result.Table> tables = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    double[] testLengths = config.testLengths().stream().mapToDouble(at -> at).toArray();
    for (int length : config.lengths()) {
      XYChart losses =
          Charts.xyOfMany(
              "Adding problem at T = " + length, "training steps", "mean squared error");
      losses.getStyler().setYAxisMin(0.0);
      XYChart lengths =
          Charts.xyOfMany(
              "Trained at T = " + length + ", tested at other lengths",
              "sequence length T of the test (steps)",
              "mean squared error");
      lengths.getStyler().setYAxisMin(0.0);
      List<List<String>> rows = new ArrayList<>();
      for (int v = 0; v < config.variants().size(); v++) {
        String name = config.variants().get(v);
        Outcome<Config> some = outcome.where("variant", name).where("length", length);
        if (some.isEmpty()) {
          continue;
        }
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("variant", name);
        where.put("trained_at", length);
        Figure steps = Figure.bootstrapped("steps", where, "training steps", some.each("steps"));
        figures.add(steps);
        String label = Variant.of(name).label();
        List<String> row =
            new ArrayList<>(
                List.of(
                    label,
                    Numbers.format(
                        "%.0f of %d",
                        some.records().stream().mapToDouble(r -> r.number("solved")).sum(),
                        some.records().size()),
                    steps.text(0)));
        for (int i = 0; i < testLengths.length; i++) {
          Figure error = error(some, name, length, i);
          figures.add(error);
          row.add(error.text(4));
        }
        rows.add(row);
        Solver.drawLosses(losses, label, Ink.of(v), some, config.window());
        Charts.meanWithBand(
            lengths,
            label,
            Ink.of(v),
            testLengths,
            some.records().stream().map(record -> capped(record.numbers("test_errors"))).toList(),
            true);
      }
      baseline(losses, new double[] {config.window(), config.steps()});
      baseline(lengths, testLengths);
      List<String> columns = new ArrayList<>(List.of("network", "solved", "steps"));
      config.testLengths().forEach(at -> columns.add("error at T = " + at));
      tables.add(
          new Result.Table(
              "Trained at T = "
                  + length
                  + ": seeds that solved it, steps taken, mean squared error of the test [95 %];"
                  + " the baseline is "
                  + Numbers.plain(AddingTask.BASELINE),
              columns,
              rows));
      charts.add(
          new Chart(
              "training-" + length,
              "Error in training, mean over the seeds with 95 % bands; a seed that has solved it"
                  + " stays at its last value. The dotted line is always answering 1.",
              losses));
      charts.add(
          new Chart(
              "lengths-" + length,
              "Error at other lengths, mean over the seeds with 95 % bands, errors above .5 drawn"
                  + " at .5. The dotted line is always answering 1.",
              lengths));
    }
    List<Claim> claims = claims(outcome);
    return new Conclusion(story(outcome, figures), figures, List.of(), tables, charts, claims);
  }

  private static double[] capped(double[] errors) {
    double[] capped = errors.clone();
    for (int i = 0; i < capped.length; i++) {
      capped[i] = Math.min(.5, capped[i]);
    }
    return capped;
  }

  private static Figure error(Outcome<Config> some, String name, int length, int test) {
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("variant", name);
    where.put("trained_at", length);
    where.put("tested_at", some.config().testLengths().get(test));
    return Figure.bootstrapped(
        "mean_squared_error",
        where,
        "",
        some.records().stream().mapToDouble(r -> r.numbers("test_errors")[test]).toArray());
  }

  private static void baseline(XYChart chart, double[] x) {
    Charts.curve(
        chart,
        "always 1",
        Ink.REFERENCE,
        new double[] {x[0], x[x.length - 1]},
        new double[] {AddingTask.BASELINE, AddingTask.BASELINE});
  }

  /** The error where training and test have this length; null where it was not tried. */
  private static @Nullable Figure atHome(Outcome<Config> outcome, String name, int length) {
    Outcome<Config> some = outcome.where("variant", name).where("length", length);
    int test = outcome.config().testLengths().indexOf(length);
    return some.isEmpty() || test < 0 ? null : error(some, name, length, test);
  }

  private static boolean isBelow(Figure figure, double value) {
    return figure.mean() < value && (figure.high() == null || figure.high() < value);
  }

  private static List<Claim> claims(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Claim> claims = new ArrayList<>();
    for (int length : config.lengths()) {
      Figure tanh = atHome(outcome, "rnn_tanh:default", length);
      if (tanh != null) {
        claims.add(
            Claim.tested(
                "Arjovsky, Shah and Bengio 2016",
                "a tanh RNN does not beat the baseline, at T = " + length,
                Numbers.format(
                    "error %s after at most %d steps of %d, hidden %d; theirs 80, RMSProp",
                    tanh.text(4), config.steps(), config.samples(), config.hiddenSize()),
                tanh.mean() > .9 * AddingTask.BASELINE));
      }
      for (String lstm : List.of("lstm:forget-1", "lstm:chrono")) {
        Figure error = atHome(outcome, lstm, length);
        if (error != null) {
          claims.add(
              Claim.tested(
                  lstm.endsWith("chrono")
                      ? "Tallec and Ollivier 2018"
                      : "Arjovsky, Shah and Bengio 2016",
                  (lstm.endsWith("chrono") ? "a chrono LSTM" : "an LSTM")
                      + " beats the baseline by far, at T = "
                      + length,
                  "error "
                      + error.text(4)
                      + ", "
                      + Variant.of(lstm).label()
                      + " of "
                      + config.hiddenSize(),
                  isBelow(error, .1 * AddingTask.BASELINE)));
        }
      }
      Figure irnn = atHome(outcome, "rnn_relu:identity", length);
      if (irnn != null) {
        claims.add(
            Claim.tested(
                "Le, Jaitly and Hinton 2015",
                "a ReLU RNN that begins at the identity solves it, at T = " + length,
                "error " + irnn.text(4) + ", Adam; theirs is plain SGD at T = 150 to 400",
                isBelow(irnn, .1 * AddingTask.BASELINE)));
      }
    }
    int longest = config.lengths().stream().mapToInt(length -> length).max().orElse(1);
    claims.add(
        Claim.outOfReach(
            "Arjovsky, Shah and Bengio 2016",
            "an LSTM still solves it at T = 750",
            "our longest training is T = " + longest,
            Numbers.format(
                "20,000 batches of 50 at T = 750 take about %.0f times the multiplications of our"
                    + " longest trial at its full length, for each seed",
                750.0 / longest * 20_000 / config.steps() * 50 / config.samples())));
    return claims;
  }

  private static Result.Story story(Outcome<Config> outcome, List<Figure> figures) {
    Config config = outcome.config();
    List<String> sentences = new ArrayList<>();
    for (int length : config.lengths()) {
      sentences.add(
          "trained at T = "
              + length
              + ", error at T = "
              + config.testLengths().stream().map(String::valueOf).collect(Collectors.joining(", "))
              + ": "
              + config.variants().stream()
                  .map(
                      name ->
                          Variant.of(name).label()
                              + " "
                              + figures.stream()
                                  .filter(
                                      one ->
                                          one.name().equals("mean_squared_error")
                                              && name.equals(one.where().get("variant"))
                                              && one.where().get("trained_at") instanceof Integer at
                                              && at == length)
                                  .map(one -> Numbers.format("%.4f", one.mean()))
                                  .collect(Collectors.joining(" / ")))
                  .collect(Collectors.joining("; ")));
    }
    return new Result.Story(
        "Which cells solve the adding problem, and do they at lengths they have not seen?",
        Numbers.format(
            "At each step a number from U(0, 1) and a mark that is 1 twice, once in either half;"
                + " the sum of the marked numbers is to be told at the end. Hidden %d, batches of"
                + " %d fresh sequences, Adam at %s, clip %s, at most %d steps; solved, and ended,"
                + " when the mean error of %d batches, each scored before it is learned from, is %s"
                + " of the baseline's 1/6; tests of %d sequences; %d seeds.",
            config.hiddenSize(),
            config.samples(),
            Numbers.plain(config.learningRate()),
            Numbers.plain(config.clipNorm()),
            config.steps(),
            config.window(),
            Numbers.format("%.1f %%", 100 * (1 - config.bar())),
            config.testSamples(),
            outcome.seeds().size()),
        "",
        "Mean squared errors against .167 for always answering 1; "
            + String.join(". ", sentences)
            + ".",
        "All that has to be kept is one number, but across half the sequence. A tanh RNN forgets it"
            + " as it forgets its gradient. A gate can stay shut for a step without a mark,"
            + " whatever the length; but nothing in training at one length asks for more than that"
            + " length needs, so a gate that leaks a little at each step, or an output that counts"
            + " on the usual number of steps, passes there and shows at longer ones.");
  }
}
