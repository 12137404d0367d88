package dev.unroll.experiments.notebook;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measure;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.Plot;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Table;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Notebook 000's "gradients shrink with length", parameter by parameter. */
final class MeanReduction {
  private static final Settings FULL =
      new Settings()
          .with(TEXT, "")
          .with(MAX_CHARACTERS, 50_000)
          .with(HIDDEN_SIZE, 128)
          .with(RUNGS.require(all -> all.size() >= 2, "must be two or more."), 20, 50, 200);

  /** What each length is compared with the first of. */
  private static final Axis LONGER =
      Axis.of("T", all -> all.get(LENGTHS).subList(1, all.get(LENGTHS).size()));

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
                      .require(
                          all.get(LENGTHS).getLast() + 2L,
                          "a length of " + all.get(LENGTHS).getLast())
                      .fingerprint())
          .bandsHold(all -> Corpus.usual(all, FULL))
          .measure(Measure.of("ratio", "ratios").along(LONGER, PARAMETER))
          .measure(
              Measure.list(
                      "ratio_of_sums",
                      (all, record) -> sums(all.get(LENGTHS), record.numbers("ratios")))
                  .along(LONGER, PARAMETER)
                  .digits(1)
                  .drawn())
          .measure(Measure.of("norm", "norms").along(LENGTH, PARAMETER).digits(3))
          .check(
              "the output layer shrinks as much as W_hh",
              outcome -> Math.abs(outputLayer(outcome) - hidden(outcome)) < .15,
              outcome -> Numbers.format("%.3f and %.3f", outputLayer(outcome), hidden(outcome)))
          .table(
              Table.of("Gradient norms against those at T = ${lengths?first}")
                  .rows("T", "parameter")
                  .column("ratio, mean loss", row -> ratio(row, "ratio"))
                  .column("ratio, summed loss", row -> ratio(row, "ratio_of_sums"))
                  .column("norm", "norm")
                  .said("notebook 000", "norm"))
          .plot(
              Plot.bars("ratios", "ratio", "parameter")
                  .per("T")
                  .title("Gradient norm at T = ${T} over that at T = ${lengths?first}")
                  .axes("parameter", "ratio (no unit)")
                  .styled(styler -> styler.setXAxisLabelRotation(20))
                  .caption(
                      "The mean loss, as in notebook 000: every parameter's gradient shrinks, also"
                          + " where no time passes."));

  private MeanReduction() {}

  private static double outputLayer(Outcome outcome) {
    return atLongest(outcome, "fc.weight");
  }

  private static double hidden(Outcome outcome) {
    return atLongest(outcome, "rnn.weight_hh_l0");
  }

  private static double atLongest(Outcome outcome, String parameter) {
    int longest = outcome.get(LENGTHS).getLast();
    return outcome.mean("ratio", "T=" + longest + " parameter=" + parameter);
  }

  /** Empty at the length that the others are compared with. */
  private static String ratio(Table.Row row, String measure) {
    Figure figure = row.figure(measure);
    return figure == null ? "" : figure.text(2);
  }

  /** The ratios of the norms of a summed loss, length by length. */
  private static double[] sums(List<Integer> lengths, double[] ratios) {
    int parameters = ratios.length / (lengths.size() - 1);
    double[] sums = new double[ratios.length];
    Arrays.setAll(sums, i -> ratios[i] * lengths.get(1 + i / parameters) / lengths.getFirst());
    return sums;
  }

  private static Measured trial(TrialContext trial) {
    Corpus corpus = Corpus.of(trial.settings()).first(trial.get(MAX_CHARACTERS));
    Vocabulary vocabulary = Vocabulary.of(corpus.text());
    int[] text = vocabulary.encode(corpus.name(), corpus.text());
    Model model = characters(trial, vocabulary.size());
    List<double[]> norms =
        trial.get(LENGTHS).stream().map(length -> norms(model, text, length)).toList();
    double[] first = norms.getFirst();
    List<double[]> ratios = new ArrayList<>();
    for (double[] longer : norms.subList(1, norms.size())) {
      double[] ratio = new double[first.length];
      Arrays.setAll(ratio, i -> longer[i] / first[i]);
      ratios.add(ratio);
    }
    return new Measured()
        .put("ratio_w_hh", ratios.getLast()[2])
        .put("norms", norms.stream().flatMapToDouble(Arrays::stream).toArray())
        .put("ratios", ratios.stream().flatMapToDouble(Arrays::stream).toArray());
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
