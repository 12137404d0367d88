package dev.unroll.experiments.notebook;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Outcome;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Compression;
import dev.unroll.experiments.task.Corpus;
import dev.unroll.experiments.task.HeldOutText;
import dev.unroll.experiments.task.KneserNey;
import dev.unroll.experiments.task.Vocabulary;
import dev.unroll.report.number.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** What counting and compression make of the text of {@link CharLm}, and the figures beside it. */
final class CharLmBaselines {
  private static final double LN2 = StrictMath.log(2);

  /** What needs no network. */
  static final Axis BASELINE =
      Axis.of("baseline", all -> List.of("unigram", "kneser_ney", "xz"))
          .labelled(
              baseline ->
                  switch (baseline) {
                    case "kneser_ney" -> "Kneser-Ney n-gram";
                    case "xz" -> "xz after the training part";
                    default -> baseline;
                  });

  private CharLmBaselines() {}

  /** The same for every seed. */
  static Measured count(TrialContext trial, Corpus corpus) {
    trial.progress(0);
    Vocabulary vocabulary = CharLm.vocabulary(trial.settings(), corpus);
    HeldOutText text = CharLm.split(trial.settings(), corpus, vocabulary);
    Measured measured = new Measured();
    if (trial.text("baseline").equals("xz")) {
      String training = vocabulary.decode(text.training());
      return measured
          .put("held_out_nats", Compression.xz(training, vocabulary.decode(text.test())))
          .put("validation_nats", Compression.xz(training, vocabulary.decode(text.validation())));
    }
    int longest = trial.text("baseline").equals("unigram") ? 1 : trial.get(CharLm.LONGEST_NGRAM);
    KneserNey counted =
        KneserNey.best(text.training(), text.validation(), vocabulary.size(), longest);
    return measured
        .put("held_out_nats", counted.loss(text.test()))
        .put("validation_nats", counted.loss(text.validation()))
        .put("order", (long) counted.order());
  }

  static List<Figure> bits(Outcome outcome) {
    return derived(outcome, "held_out_loss", "bits per character", nats -> nats / LN2);
  }

  static List<Figure> belowKneserNey(Outcome outcome) {
    double counted = of(outcome, "kneser_ney").number("held_out_nats");
    return derived(outcome, "below_kneser_ney", "nats per character", nats -> counted - nats);
  }

  private static List<Figure> derived(
      Outcome outcome, String name, String unit, DoubleUnaryOperator change) {
    return outcome.grid("held_out_loss").cells().stream()
        .map(
            cell ->
                Figure.of(
                    name,
                    cell.figure().where(),
                    unit,
                    Arrays.stream(cell.values()).map(change).toArray()))
        .toList();
  }

  static TrialRecord of(Outcome outcome, String name) {
    return outcome.where("baseline", name).first();
  }

  static double validation(Outcome outcome, String name) {
    return of(outcome, name).number("validation_nats");
  }

  static List<List<String>> rows(Outcome outcome) {
    return outcome.grid("baseline_loss").cells().stream()
        .map(
            cell -> {
              double nats = cell.figure().mean();
              double below = of(outcome, "kneser_ney").number("held_out_nats") - nats;
              return List.of(
                  cell.label(BASELINE),
                  "",
                  "",
                  "",
                  Numbers.format("%.3f", nats),
                  Numbers.format("%.3f", nats / LN2),
                  Numbers.format("%.3f", below));
            })
        .toList();
  }
}
