package dev.unroll.experiments.experiment;

import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Study;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Result.Claim;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.Variant;
import dev.unroll.report.chart.Chart;
import dev.unroll.report.chart.Charts;
import dev.unroll.report.chart.Ink;
import dev.unroll.report.number.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import tools.jackson.databind.node.ObjectNode;

/** The longest sequence of copy-first that a network learns within a budget of steps. */
final class Horizon extends Study<Horizon.Config> {
  /**
   * The settings.
   *
   * @param variants cells with their initializations, see {@link Variant}
   * @param lengths the ladder of T, rising
   * @param misses rungs missed in a row after which the ladder is left
   * @param vocabSize tokens
   * @param embeddingSize width of the embedding
   * @param hiddenSize H
   * @param steps most training steps on a rung
   * @param samples sequences in a batch
   * @param learningRate Adam's
   * @param clipNorm largest global norm of the gradients
   * @param window batches, each scored before it is learned from, that are looked at together
   * @param bar mean accuracy of a window that counts as solved and ends the training
   */
  record Config(
      List<String> variants,
      List<Integer> lengths,
      int misses,
      int vocabSize,
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
      for (int i = 0; i < lengths.size(); i++) {
        Configs.require(
            lengths.get(i) > (i == 0 ? 0 : lengths.get(i - 1)),
            "lengths must rise and be at least 1.");
      }
      Configs.require(misses >= 1, "misses must be at least 1.");
      Configs.require(vocabSize >= 2, "vocab_size must be at least 2.");
      Configs.require(embeddingSize >= 1, "embedding_size must be at least 1.");
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Solver.require(steps, learningRate, clipNorm, window);
    }

    Solver solver() {
      return new Solver(steps, learningRate, clipNorm, window, bar);
    }
  }

  Horizon() {
    super(
        "horizon",
        "how long a memory can each cell and initialization learn?",
        5,
        new Config(
            List.of(
                "rnn_tanh:default",
                "rnn_tanh:orthogonal",
                "rnn_relu:identity",
                "lstm:forget-0",
                "lstm:forget-1",
                "lstm:chrono",
                "gru:default",
                "gru:orthogonal",
                "gru:chrono"),
            List.of(10, 20, 30, 50, 75, 100, 150, 200, 300),
            1,
            10,
            16,
            64,
            2000,
            100,
            .01,
            5,
            20,
            .99),
        new Config(
            List.of("rnn_tanh:default", "rnn_tanh:orthogonal", "gru:default", "gru:chrono"),
            List.of(5, 10, 20),
            1,
            10,
            16,
            32,
            200,
            32,
            .01,
            5,
            10,
            .99));
  }

  @Override
  public List<Trial> trials(Config config, long seed) {
    return config.variants().stream()
        .map(
            variant ->
                Trial.of(seed)
                    .with("variant", variant)
                    .withWork(1 + Variant.of(variant).cell().gates()))
        .toList();
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    Variant variant = Variant.of(trial.text("variant"));
    Ladder ladder =
        new Ladder(
            config.lengths(),
            config.misses(),
            config.vocabSize(),
            config.samples(),
            config.solver());
    Ladder.Climb climb =
        ladder.climb(
            length ->
                variant.model(
                    config.vocabSize(),
                    config.embeddingSize(),
                    config.hiddenSize(),
                    1,
                    config.vocabSize(),
                    length,
                    context::random),
            context,
            0,
            1);
    ObjectNode figures = figures();
    figures.put("horizon", climb.horizon());
    put(figures, "solved", climb.solved());
    put(figures, "steps", climb.steps());
    put(figures, "scores", climb.scores());
    return figures;
  }

  @Override
  public Conclusion conclude(Outcome<Config> outcome) {
    Config config = outcome.config();
    Map<String, Figure> horizons = new LinkedHashMap<>();
    List<List<String>> rows = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    double[][] solvedBy = new double[config.variants().size()][config.lengths().size()];
    for (int v = 0; v < config.variants().size(); v++) {
      String name = config.variants().get(v);
      labels.add(Variant.of(name).label());
      Outcome<Config> some = outcome.where("variant", name);
      if (some.isEmpty()) {
        continue;
      }
      Figure horizon =
          Figure.bootstrapped("horizon", Map.of("variant", name), "steps", some.each("horizon"));
      horizons.put(name, horizon);
      List<String> row = new ArrayList<>(List.of(labels.getLast(), horizon.text(0)));
      for (int i = 0; i < config.lengths().size(); i++) {
        int at = i;
        double count =
            some.records().stream().filter(one -> one.numbers("solved")[at] == 1).count();
        solvedBy[v][i] = count / some.records().size();
        double steps =
            some.records().stream()
                .filter(one -> one.numbers("solved")[at] == 1)
                .mapToDouble(one -> one.numbers("steps")[at])
                .average()
                .orElse(0);
        row.add(
            count == 0
                ? ""
                : Numbers.format("%.0f of %d in %.0f", count, some.records().size(), steps));
      }
      rows.add(row);
    }
    List<String> columns = new ArrayList<>(List.of("network", "longest T solved [95 %]"));
    config.lengths().forEach(length -> columns.add("T = " + length));
    CategoryChart bars = Charts.bars("Longest T solved", "network", "sequence length T (steps)");
    bars.getStyler().setLegendVisible(false);
    bars.getStyler().setXAxisLabelRotation(30);
    Charts.bar(
        bars,
        "horizon",
        Ink.BLUE,
        horizons.keySet().stream().map(name -> Variant.of(name).label()).toList(),
        horizons.values().stream().mapToDouble(Figure::mean).toArray(),
        horizons.values().stream()
            .mapToDouble(one -> one.high() == null ? 0 : one.high() - one.mean())
            .toArray());
    List<Figure> figures = new ArrayList<>(horizons.values());
    List<Claim> claims = claims(outcome, figures);
    return new Conclusion(
        story(outcome, horizons),
        figures,
        List.of(),
        List.of(
            new Result.Table(
                "Longest T solved, and at each T how many seeds solved it in how many steps (mean)",
                columns,
                rows)),
        List.of(
            new Chart(
                "solved",
                "Fraction of the seeds that solved each length; a ladder is left after "
                    + config.misses()
                    + " missed rung(s) in a row.",
                Charts.heatMap(
                    "Fraction of seeds that solved copy-first",
                    "sequence length T (steps)",
                    "",
                    config.lengths(),
                    labels,
                    solvedBy)),
            new Chart(
                "horizon",
                "Mean over the seeds; error bars are as long as the interval's upper half.",
                bars)),
        claims);
  }

  private static List<Claim> claims(Outcome<Config> outcome, List<Figure> figures) {
    Config config = outcome.config();
    List<Claim> claims = new ArrayList<>();
    compare(
        outcome,
        "Jozefowicz, Zaremba and Sutskever 2015",
        "a forget-gate bias of 1 makes an LSTM learn longer memories",
        "lstm:forget-1",
        "lstm:forget-0",
        figures,
        claims);
    compare(
        outcome,
        "Tallec and Ollivier 2018",
        "chrono initialization lets an LSTM learn longer memories than a forget bias of 1",
        "lstm:chrono",
        "lstm:forget-1",
        figures,
        claims);
    compare(
        outcome,
        "Tallec and Ollivier 2018",
        "chrono initialization serves a GRU as well",
        "gru:chrono",
        "gru:default",
        figures,
        claims);
    compare(
        outcome,
        "Henaff, Szlam and LeCun 2016",
        "an orthogonal W_hh makes a plain RNN learn longer memories",
        "rnn_tanh:orthogonal",
        "rnn_tanh:default",
        figures,
        claims);
    compare(
        outcome,
        "Le, Jaitly and Hinton 2015",
        "a ReLU RNN that begins at the identity learns long memories better than a tanh RNN",
        "rnn_relu:identity",
        "rnn_tanh:default",
        figures,
        claims);
    int longest = config.lengths().getLast();
    claims.add(
        Claim.outOfReach(
            "Tallec and Ollivier 2018",
            "chrono initialization carries an LSTM to dependencies of 500 to 2000 steps",
            "the ladder ends at T = " + longest + ", with " + config.steps() + " steps a rung",
            Numbers.format(
                "one rung at T = 2000 with 50,000 batches of 100 takes about %.0f times the"
                    + " multiplications of our last rung at its full length, for each seed",
                2000.0 / longest * 50_000 / config.steps() * 100 / config.samples())));
    return claims;
  }

  private static void compare(
      Outcome<Config> outcome,
      String source,
      String statement,
      String better,
      String baseline,
      List<Figure> figures,
      List<Claim> claims) {
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("variant", better);
    where.put("less", baseline);
    Figure difference =
        Paired.difference(
            "horizon_difference",
            where,
            "steps",
            outcome.where("variant", better),
            outcome.where("variant", baseline),
            one -> one.first().number("horizon"));
    if (difference != null) {
      figures.add(difference);
      claims.add(
          Paired.claim(
              source,
              statement,
              Numbers.format(
                  "on copy-first, hidden %d: %s steps further, n = %d",
                  outcome.config().hiddenSize(), difference.text(0), difference.n()),
              difference));
    }
  }

  private static Result.Story story(Outcome<Config> outcome, Map<String, Figure> horizons) {
    Config config = outcome.config();
    return new Result.Story(
        "How long a memory can each cell and initialization learn?",
        Numbers.format(
            "copy-first (tell the first of T random tokens after the last), vocabulary %d,"
                + " embedding %d, hidden %d, batches of %d fresh sequences, Adam at %s, clip %s, at"
                + " most %d steps; a length counts as solved, and its training ends, when %d"
                + " batches in a row, each scored before it is learned from, are %s right on"
                + " average. T climbs %s and stops after %d missed rung(s); chrono is told T. %d"
                + " seeds.",
            config.vocabSize(),
            config.embeddingSize(),
            config.hiddenSize(),
            config.samples(),
            Numbers.plain(config.learningRate()),
            Numbers.plain(config.clipNorm()),
            config.steps(),
            config.window(),
            Numbers.format("%.0f %%", 100 * config.bar()),
            config.lengths().stream().map(String::valueOf).collect(Collectors.joining(", ")),
            config.misses(),
            outcome.seeds().size()),
        "",
        "Longest T solved, mean over the seeds: "
            + horizons.entrySet().stream()
                .map(
                    one ->
                        Numbers.format(
                            "%s %.0f", Variant.of(one.getKey()).label(), one.getValue().mean()))
                .collect(Collectors.joining("; "))
            + ".",
        "What decides is not what a cell can hold but whether the first gradients reach the first"
            + " token. A gate that is born half open halves them at each step; chrono gives each"
            + " unit a gate that is born nearly shut, with time constants spread up to T. In a"
            + " plain RNN the same part is played by W_hh: contracting at PyTorch's initialization,"
            + " keeping every length when orthogonal.");
  }
}
