package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.List;

/** Notebook 000's "gradients shrink with length", parameter by parameter. */
final class MeanReduction {
  private static final Setting<Integer> SHORT_LENGTH = Setting.count("short_length", 1);
  private static final Setting<Integer> LONG_LENGTH = Setting.count("long_length", 2);

  private static final Settings FULL =
      new Settings()
          .with(TEXT, "")
          .with(MAX_CHARACTERS, 50_000)
          .with(HIDDEN_SIZE, 128)
          .with(SHORT_LENGTH, 20)
          .with(LONG_LENGTH, 200)
          .require(
              "short_length must be below long_length.",
              all -> all.get(SHORT_LENGTH) < all.get(LONG_LENGTH));

  /** The parameters in the order of the model. */
  private static final Axis PARAMETER =
      Axis.of(
          "parameter",
          all ->
              List.of(
                  "embedding.weight",
                  "rnn.weight_ih_l0",
                  "rnn.weight_hh_l0",
                  "rnn.bias_ih_l0",
                  "rnn.bias_hh_l0",
                  "fc.weight",
                  "fc.bias"));

  static final Experiment EXPERIMENT =
      Experiment.of("mean-reduction", MeanReduction::trial)
          .settings(FULL)
          .seeds(20)
          .reads(
              all ->
                  Corpus.of(all)
                      .require(all.get(LONG_LENGTH) + 2L, "long_length " + all.get(LONG_LENGTH))
                      .fingerprint())
          .bandsHold(all -> Corpus.usual(all, FULL))
          .measure(Measure.of("ratio", "ratios").along(PARAMETER))
          .measure(Measure.of("norm_at_long_length", "long_norms").along(PARAMETER).digits(3))
          .measure(
              Measure.list(
                      "ratio_of_sums",
                      (all, record) ->
                          Arrays.stream(record.numbers("ratios"))
                              .map(ratio -> ratio * all.get(LONG_LENGTH) / all.get(SHORT_LENGTH))
                              .toArray())
                  .along(PARAMETER)
                  .digits(1)
                  .drawn())
          .check(
              "the output layer shrinks as much as W_hh",
              outcome -> Math.abs(outputLayer(outcome) - hidden(outcome)) < .15,
              outcome -> Numbers.format("%.3f and %.3f", outputLayer(outcome), hidden(outcome)))
          .table(
              Table.of("Gradient norms at T = ${long_length} against T = ${short_length}")
                  .rows("parameter")
                  .column("ratio, mean loss", "ratio")
                  .column("ratio, summed loss", "ratio_of_sums")
                  .column("norm at T = ${long_length}", "norm_at_long_length")
                  .said("notebook 000", "norm_at_long_length"))
          .plot(
              Plot.bars("ratios", "ratio", "parameter")
                  .title("Gradient norm at T = ${long_length} over that at T = ${short_length}")
                  .axes("parameter", "ratio (no unit)")
                  .styled(styler -> styler.setXAxisLabelRotation(20))
                  .caption(
                      "The mean loss, as in notebook 000: every parameter's gradient shrinks, also"
                          + " where no time passes."));

  private MeanReduction() {}

  private static double outputLayer(Outcome outcome) {
    return outcome.mean("ratio", "parameter=fc.weight");
  }

  private static double hidden(Outcome outcome) {
    return outcome.mean("ratio", "parameter=rnn.weight_hh_l0");
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings()).first(trial.get(MAX_CHARACTERS));
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    int[] text = vocabulary.encode(corpus.name(), corpus.text());
    Model model = characters(trial, vocabulary.size());
    double[] shortNorms = norms(model, text, trial.get(SHORT_LENGTH));
    double[] longNorms = norms(model, text, trial.get(LONG_LENGTH));
    double[] ratios = new double[shortNorms.length];
    Arrays.setAll(ratios, i -> longNorms[i] / shortNorms[i]);
    return new Measured()
        .put("ratio_w_hh", ratios[2])
        .put("short_norms", shortNorms)
        .put("long_norms", longNorms)
        .put("ratios", ratios);
  }

  /** The norm of each parameter's gradient of the mean loss over the first {@code steps}. */
  private static double[] norms(Model model, int[] text, int steps) {
    Session session = model.session(steps, 1, Readout.EVERY_STEP, true);
    Parameters parameters = model.parameters();
    parameters.zeroGradients();
    session.forward(Arrays.copyOf(text, steps));
    session.crossEntropy(Arrays.copyOfRange(text, 1, steps + 1));
    session.backward();
    return parameters.slices().stream()
        .mapToDouble(slice -> norm(parameters.gradients(), slice))
        .toArray();
  }

  private static double norm(float[] gradients, Parameters.Slice slice) {
    double sum = 0;
    for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
      sum += (double) gradients[i] * gradients[i];
    }
    return StrictMath.sqrt(sum);
  }
}
