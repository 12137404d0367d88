package dev.unroll.experiments.experiment;

import dev.unroll.cell.Cells;
import dev.unroll.experiments.harness.Configs;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.task.CopyFirstTask;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Exercise 1 of seed 001, truncated BPTT: the window of the gradient against what is learned. */
final class Tbptt extends Contest<Tbptt.Config> {
  /**
   * The settings.
   *
   * @param windows steps that the gradient goes back, of copy-first's T
   * @param length T
   * @param cell the cell
   * @param hiddenSize H
   * @param steps training steps
   * @param samples sequences in a batch, and in the test
   * @param learningRate Adam's
   */
  record Config(
      List<Integer> windows,
      int length,
      String cell,
      int hiddenSize,
      int steps,
      int samples,
      double learningRate) {
    Config {
      dev.unroll.experiments.task.Networks.requireCells(List.of(cell));
      Configs.require(windows.size() >= 2, "windows must be two or more.");
      for (int window : windows) {
        Configs.require(
            window >= 1 && window <= length, "windows must be at least 1 and at most length.");
      }
      Configs.require(hiddenSize >= 1, "hidden_size must be at least 1.");
      Configs.require(steps >= 1, "steps must be at least 1.");
      Configs.require(samples >= 1, "samples must be at least 1.");
      Configs.require(learningRate > 0, "learning_rate must be positive.");
    }
  }

  Tbptt() {
    super(
        "tbptt",
        "what does truncating the gradient cost in memory?",
        10,
        new Config(List.of(1, 2, 4, 6, 8, 9, 10), 10, "gru", 64, 150, 100, .01),
        new Config(List.of(1, 10), 10, "gru", 32, 20, 50, .01),
        "accuracy",
        "fraction of sequences",
        true);
  }

  private static String model(int window) {
    return "window " + window;
  }

  @Override
  List<String> models(Config config) {
    return config.windows().stream().map(Tbptt::model).toList();
  }

  @Override
  List<Match> matches(Config config) {
    return List.of(
        new Match(model(config.windows().getLast()), model(config.windows().getFirst())));
  }

  @Override
  public ObjectNode run(Config config, Trial trial, TrialContext context) {
    int window =
        config.windows().stream()
            .filter(one -> model(one).equals(trial.text("model")))
            .findFirst()
            .orElseThrow();
    int batch = config.samples();
    int before = config.length() - window;
    RecurrentConfig recurrent =
        RecurrentConfig.of(Cells.named(config.cell()), 16, config.hiddenSize());
    Model model = new Model(new Model.Config(10, recurrent, 10), context.random("weights"));
    CopyFirstTask task = new CopyFirstTask(config.length(), batch, 10, context.random("data"));
    Session end = model.session(window, batch, Readout.LAST_STEP, true, Team.single());
    Session start =
        model.session(Math.max(1, before), batch, Readout.LAST_STEP, false, Team.single());
    State state = State.zeros(recurrent, batch);
    Training training = new Training(model.parameters(), new Adam(config.learningRate()), 5);
    for (int step = 0; step <= config.steps(); step++) {
      task.next();
      Arrays.fill(state.h(), 0f);
      Arrays.fill(state.c(), 0f);
      int cut = before * batch;
      if (before > 0) {
        // The state is carried into the window; the gradient is not carried out of it.
        start.forward(Arrays.copyOf(task.tokens(), cut), null, null, state);
      }
      int[] tokens = Arrays.copyOfRange(task.tokens(), cut, task.tokens().length);
      if (step < config.steps()) {
        training.step(
            () -> {
              end.forward(tokens, state, null, null);
              return end.crossEntropy(task.targets());
            },
            end::backward);
      } else {
        end.forward(tokens, state, null, null);
        end.crossEntropy(task.targets());
      }
      context.progress(step / (config.steps() + 1.0));
    }
    return figures().put("score", (double) end.correct() / batch);
  }

  @Override
  Result.Story story(Outcome<Config> outcome, Map<String, Figure> scores) {
    Config config = outcome.config();
    return new Result.Story(
        "What does truncating the gradient cost in memory?",
        Numbers.format(
            "copy-first at T = %d with a %s of %d, %d Adam steps; the state is carried through the"
                + " whole sequence, but the gradient goes back only the last k steps.",
            config.length(),
            dev.unroll.experiments.task.Networks.label(config.cell()),
            config.hiddenSize(),
            config.steps()),
        "Exercise 1 of seed 001 asks to backpropagate through a fixed number of time steps only.",
        "Accuracy by window: "
            + String.join(
                ", ",
                scores.entrySet().stream()
                    .map(
                        score ->
                            Numbers.format(
                                "%s %.2f",
                                score.getKey().replace("window ", ""), score.getValue().mean()))
                    .toList())
            + ".",
        "The task needs the token of the very first step. A window that ends short of it gives no"
            + " gradient for writing that token into the state; the network can only learn to read"
            + " what an untrained state happens to keep. A state that is carried is memory, but one"
            + " that nobody teaches what to keep.");
  }
}
