package dev.unroll.experiments.task;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StepCell;
import dev.unroll.report.chart.CellNames;
import dev.unroll.report.number.Numbers;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * A cell and how its recurrence begins, written {@code cell:init} or {@code cell:init-number}:
 *
 * <ul>
 *   <li>{@code default}: {@link Initializer#recurrentDefault};
 *   <li>{@code orthogonal-1.2}, {@code gaussian-1.2}: W_hh orthogonal, or normal with variance 1/H,
 *       each times the gain, 1 unless given;
 *   <li>{@code identity}: an IRNN (Le, Jaitly and Hinton 2015): the identity as W_hh, small input
 *       weights and no biases, where {@link Networks#initialize} of that name sets W_hh alone;
 *   <li>{@code forget-1}: an LSTM's forget-gate bias (Jozefowicz, Zaremba and Sutskever 2015);
 *   <li>{@code chrono-1}: gate biases for memories up to that many times the sequence length, 1
 *       unless given (Tallec and Ollivier 2018).
 * </ul>
 *
 * @param cell the cell
 * @param init the name before the number
 * @param number the number
 */
public record Variant(Cell cell, String init, double number) {
  private static final Pattern FORM =
      Pattern.compile("(?<cell>\\w+):(?<init>[a-z]+)(-(?<number>\\d*\\.?\\d+(E-?\\d+)?))?");
  private static final List<String> INITS =
      List.of("default", "orthogonal", "gaussian", "identity", "forget", "chrono");

  /**
   * The variant of this name.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static Variant of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || !INITS.contains(form.group("init"))) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no cell:init or cell:init-number such as lstm:default or lstm:forget-1; the"
              + " inits are "
              + String.join(", ", INITS)
              + ".");
    }
    Cell cell = Cells.named(form.group("cell"));
    String init = form.group("init");
    boolean possible =
        switch (init) {
          case "default" -> true;
          case "forget" -> cell.name().equals("lstm");
          case "chrono" -> cell.name().equals("lstm") || cell.name().equals("gru");
          default -> cell instanceof StepCell;
        };
    if (!possible) {
      throw new IllegalArgumentException(
          "'" + text + "' cannot be: " + cell.name() + " has nothing that " + init + " would set.");
    }
    String number = form.group("number");
    return new Variant(cell, init, number == null ? 1 : Double.parseDouble(number));
  }

  /** Every cell as it begins by default. */
  public static List<String> defaults() {
    return Cells.all().stream().map(cell -> cell.name() + ":default").toList();
  }

  /** A trial's variant and seed, as charts name its point. */
  public static String label(ObjectNode trial) {
    return of(trial.path("variant").asString()).label() + ", seed " + trial.path("seed").asString();
  }

  /**
   * Checks names of variants.
   *
   * @throws IllegalArgumentException naming the first that cannot be
   */
  public static void require(List<String> texts) {
    texts.forEach(Variant::of);
  }

  /** The variant as charts and tables show it, such as {@code LSTM, chrono}. */
  public String label() {
    String plain = CellNames.label(cell.name());
    return switch (init) {
      case "default" -> plain;
      case "identity" -> plain + ", IRNN";
      case "forget" -> plain + ", forget bias " + Numbers.plain(number);
      default -> plain + ", " + init + (number == 1 ? "" : " × " + Numbers.plain(number));
    };
  }

  /**
   * A model of this variant: tokens through an embedding, or features, through the recurrent layers
   * to a linear readout.
   *
   * @param vocabSize tokens, or empty for features
   * @param inputSize width of the embedding, or of the features
   * @param hiddenSize H
   * @param numLayers layers
   * @param outputSize classes or outputs
   * @param length the sequence length that chrono is measured in
   * @param random the source of chance for a purpose
   */
  public Model model(
      OptionalInt vocabSize,
      int inputSize,
      int hiddenSize,
      int numLayers,
      int outputSize,
      int length,
      Function<String, ? extends RandomGenerator> random) {
    return model(
        vocabSize,
        RecurrentConfig.of(cell, inputSize, hiddenSize).withNumLayers(numLayers),
        outputSize,
        length,
        random);
  }

  /** As the other, with recurrent layers of this variant's cell that may have heads. */
  public Model model(
      OptionalInt vocabSize,
      RecurrentConfig recurrent,
      int outputSize,
      int length,
      Function<String, ? extends RandomGenerator> random) {
    Model model =
        new Model(
            new Model.Config(recurrent, outputSize, vocabSize, Model.Names.DEFAULT),
            random.apply("weights"));
    initialize(
        model.parameters(), recurrent.hiddenSize(), length, random.apply("recurrent weights"));
    return model;
  }

  private void initialize(
      Parameters parameters, int hiddenSize, int length, RandomGenerator random) {
    switch (init) {
      case "identity" -> Initializer.irnn(parameters, "rnn.", random, .001);
      case "forget" -> Initializer.forgetGateBias(parameters, "rnn.", hiddenSize, number);
      case "chrono" ->
          Initializer.chrono(parameters, "rnn.", hiddenSize, Math.max(2, number * length), random);
      case "orthogonal", "gaussian" -> {
        for (Parameters.Slice slice : parameters.slices()) {
          if (slice.name().contains("weight_hh")) {
            if (init.equals("orthogonal")) {
              Initializer.orthogonal(parameters.values(), slice, random, cell.gates(), number);
            } else {
              double deviation = number / Math.sqrt(hiddenSize);
              Initializer.normal(parameters.values(), slice, random, 0, deviation);
            }
          }
        }
        parameters.changed();
      }
      default -> {}
    }
  }
}
