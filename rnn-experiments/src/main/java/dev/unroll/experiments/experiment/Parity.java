package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.ParityTask;
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
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import tools.jackson.databind.node.ObjectNode;

/** Which cells can track a state: parity, learned at one length and asked for at others. */
final class Parity extends Study<Parity.Config> {
  private static final String SERIAL = "Merrill, Petty and Sabharwal 2024";
  private static final String NEGATIVE = "Grazzi, Siems, Franke, Zela, Hutter and Pontil 2025";

  /**
   * The settings.
   *
   * @param variants cells with their initializations, see {@link Variant}
   * @param numLayers recurrent layers
   * @param lengths T that is trained at
   * @param testLengths T that is tested at
   * @param testSamples sequences of each test
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param steps most training steps
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar mean accuracy at the last step, in a window, that counts as solved and ends the
   *     training
   */
  record Config(
      List<String> variants,
      int numLayers,
      List<Integer> lengths,
      List<Integer> testLengths,
      int testSamples,
      int embeddingSize,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate,
      double clipNorm,
      int window,
      double bar) {
    Config {
      Variant.require(variants);
      Configs.require(numLayers >= 1, "num_layers must be at least 1.");
      lengths.forEach(length -> Configs.require(length >= 1, "lengths must be at least 1."));
      testLengths.forEach(
          length -> Configs.require(length >= 1, "test_lengths must be at least 1."));
      Configs.require(testSamples >= 1, "test_samples must be at least 1.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Solver solver() {
      return new Solver(steps, learningRate, clipNorm, window, bar);
    }
  }

  Parity() {
    super(
        "parity",
        "the price of parallelism: which cells can track a state?",
        5,
        new Config(
            List.of(
                "rnn_tanh:default",
                "lstm:default",
                "gru:default",
                "min_gru:default",
                "min_gru_signed:default"),
            1,
            List.of(20, 100),
            List.of(20, 100, 400),
            1000,
            16,
            64,
            5000,
            100,
            .003,
            1,
            20,
            .99),
        new Config(
            List.of("rnn_tanh:default", "gru:default", "min_gru:default", "min_gru_signed:default"),
            1,
            List.of(8),
            List.of(8, 16, 32),
            200,
            8,
            32,
            400,
            32,
            .01,
            1,
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
            .model(
                2,
                config.embeddingSize(),
                config.hiddenSize(),
                config.numLayers(),
                2,
                length,
                context::random);
    ParityTask task = new ParityTask(length, config.samples(), context.random("data"));
    ObjectNode figures = config.solver().run(model, task, context, 0, .98).withLosses(figures());
    // One long test tells every shorter one, since each step is asked.
    int longest = config.testLengths().stream().mapToInt(at -> at).max().orElse(length);
    ParityTask test = new ParityTask(longest, config.testSamples(), context.random("test"));
    Session session =
        model.session(longest, config.testSamples(), test.readout(), false, Team.single());
    test.next();
    test.forward(session);
    test.loss(session);
    put(
        figures,
        "test_accuracies",
        config.testLengths().stream().mapToDouble(at -> test.score(session, at - 1)).toArray());
    return figures;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    List<Figure> figures = new ArrayList<>();
    List<Result.Table> tables = new ArrayList<>();
    List<Chart> charts = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    double[] x = config.testLengths().stream().mapToDouble(at -> at).toArray();
    for (int length : config.lengths()) {
      XYChart chart =
          Charts.xyOfMany(
              "Parity, trained at T = " + length,
              "bits seen so far (steps)",
              "accuracy (fraction of sequences)");
      chart.getStyler().setYAxisMin(.4).setYAxisMax(1.02);
      List<List<String>> rows = new ArrayList<>();
      List<String> words = new ArrayList<>();
      for (int v = 0; v < config.variants().size(); v++) {
        String name = config.variants().get(v);
        Outcome<Config> some = outcome.where("variant", name).where("length", length);
        if (some.isEmpty()) {
          continue;
        }
        String label = Variant.of(name).label();
        Figure steps =
            Figure.bootstrapped("steps", where(name, length), "training steps", some.each("steps"));
        figures.add(steps);
        List<String> row =
            new ArrayList<>(
                List.of(
                    label,
                    Numbers.format(
                        "%.0f of %d",
                        some.records().stream().mapToDouble(r -> r.number("solved")).sum(),
                        some.records().size()),
                    steps.text(0)));
        List<Figure> line =
            IntStream.range(0, x.length).mapToObj(i -> accuracy(some, name, length, i)).toList();
        line.forEach(figure -> row.add(figure.text(2)));
        figures.addAll(line);
        rows.add(row);
        words.add(
            label
                + " "
                + line.stream()
                    .map(figure -> Numbers.format("%.2f", figure.mean()))
                    .collect(Collectors.joining(" / ")));
        Charts.meanWithBand(
            chart,
            label,
            Ink.of(v),
            x,
            some.records().stream().map(record -> record.numbers("test_accuracies")).toList(),
            true);
      }
      Charts.curve(
          chart,
          "chance",
          Ink.REFERENCE,
          new double[] {x[0], x[x.length - 1]},
          new double[] {.5, .5});
      List<String> columns = new ArrayList<>(List.of("network", "solved", "steps"));
      config.testLengths().forEach(at -> columns.add("after " + at + " bits"));
      tables.add(
          new Result.Table(
              "Trained at T = "
                  + length
                  + ": seeds that solved it, steps taken, accuracy of the test [95 %]; chance is"
                  + " .5",
              columns,
              rows));
      charts.add(
          new Chart(
              "accuracy-" + length,
              "Accuracy after so many bits, mean over the seeds with 95 % bands; the training saw "
                  + length
                  + ".",
              chart));
      sentences.add("trained at T = " + length + ": " + String.join("; ", words));
    }
    return new Conclusion(
        story(outcome, sentences), figures, List.of(), tables, charts, claims(outcome));
  }

  private static Map<String, Object> where(String variant, int length) {
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("variant", variant);
    where.put("trained_at", length);
    return where;
  }

  private static Figure accuracy(Outcome<Config> some, String name, int length, int test) {
    Map<String, Object> where = where(name, length);
    where.put("tested_at", some.config().testLengths().get(test));
    return Figure.bootstrapped(
        "accuracy",
        where,
        "fraction",
        some.records().stream().mapToDouble(r -> r.numbers("test_accuracies")[test]).toArray());
  }

  private static List<Claim> claims(Outcome<Config> outcome) {
    List<Claim> claims = new ArrayList<>();
    for (int length : outcome.config().lengths()) {
      for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
        tracks(
            outcome,
            length,
            cell + ":default",
            SERIAL,
            "a recurrence that is not linear in its state can track one",
            true,
            claims);
      }
      tracks(
          outcome,
          length,
          "min_gru:default",
          NEGATIVE,
          "a linear recurrence with gates between 0 and 1 cannot learn parity at lengths it has not"
              + " seen",
          false,
          claims);
      tracks(
          outcome,
          length,
          "min_gru_signed:default",
          NEGATIVE,
          "with gates between -1 and 1 it can",
          true,
          claims);
    }
    claims.add(
        Claim.outOfReach(
            NEGATIVE,
            "Mamba and DeltaNet learn parity once their eigenvalues may be negative",
            "this library has neither cell",
            "two more cells with a state of a matrix each, and their scans"));
    return claims;
  }

  /** Tracking is 95 % right at the longest test, in the lower end of the interval. */
  private static void tracks(
      Outcome<Config> outcome,
      int length,
      String variant,
      String source,
      String statement,
      boolean can,
      List<Claim> claims) {
    Outcome<Config> some = outcome.where("variant", variant).where("length", length);
    if (some.isEmpty()) {
      return;
    }
    int longest = outcome.config().testLengths().size() - 1;
    Figure figure = accuracy(some, variant, length, longest);
    double low = figure.low() == null ? figure.mean() : figure.low();
    double high = figure.high() == null ? figure.mean() : figure.high();
    claims.add(
        Claim.tested(
            source,
            statement,
            Numbers.format(
                "%s trained at T = %d is right on %s after %d bits, %d seeds",
                Variant.of(variant).label(),
                length,
                figure.text(2),
                outcome.config().testLengths().get(longest),
                figure.n()),
            can ? low > .95 : high < .6));
  }

  private static Result.Story story(Outcome<Config> outcome, List<String> sentences) {
    Config config = outcome.config();
    return new Result.Story(
        "The price of parallelism: which cells can track a state?",
        Numbers.format(
            "Random bits; after each, whether the ones so far are odd in number. %d layer(s) of"
                + " hidden %d, embedding %d, batches of %d fresh sequences, Adam at %s, clip %s, at"
                + " most %d steps; solved, and ended, when the last step is right in %s of the"
                + " sequences of %d batches, each scored before it is learned from. Tested on %d"
                + " sequences of up to %d bits; %d seeds.",
            config.numLayers(),
            config.hiddenSize(),
            config.embeddingSize(),
            config.samples(),
            Numbers.plain(config.learningRate()),
            Numbers.plain(config.clipNorm()),
            config.steps(),
            Numbers.format("%.0f %%", 100 * config.bar()),
            config.window(),
            config.testSamples(),
            config.testLengths().stream().mapToInt(at -> at).max().orElse(0),
            outcome.seeds().size()),
        "",
        "Accuracy after "
            + config.testLengths().stream().map(String::valueOf).collect(Collectors.joining(" / "))
            + " bits, chance being .50; "
            + String.join(". ", sentences)
            + ".",
        "Parity has to flip what is stored when a one comes. A gate between 0 and 1 that does not"
            + " look at the state can only keep or fade it: the bits so far can be added up, but"
            + " the sum has to be folded by the readout, and no readout folds at lengths it has not"
            + " seen. A gate that reaches -1 turns the state's sign, which is parity, and is still"
            + " a linear recurrence that a scan evaluates in parallel. Where training ends as soon"
            + " as the rule is met, such a gate may stop short of -1, and what is stored then fades"
            + " at lengths far beyond. A cell whose gates look at the state can flip it too, and"
            + " pays with serial time.");
  }
}
