package dev.unroll.experiments;

import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Runner;
import dev.unroll.experiments.harness.ThreadPool;
import dev.unroll.experiments.notebook.CharLm;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.ResultStore;
import dev.unroll.experiments.result.Sessions;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.experiments.task.Footprint;
import dev.unroll.report.command.Destination;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains one character model; the same as {@code run char-lm} with one cell and one seed. */
@Command(
    name = "char-lm",
    description = {
      "Train a character model on a text, with char-rnn's option names.",
      "It shows the loss on a held-out part of it, beside that of counting and of xz, the speed,"
          + " and samples; 'sample' draws more from what --save writes."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
public class CharLmCommand implements Callable<Integer> {
  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "UTF-8 text (default: the sources of java.util in this JDK's lib/src.zip).")
  private @Nullable Path text;

  @Option(
      names = "--model",
      paramLabel = "CELL",
      defaultValue = "lstm",
      description =
          "rnn (tanh), rnn_relu, lstm, gru, min_gru, min_gru_signed or min_lstm (default:"
              + " ${DEFAULT-VALUE}).")
  private String cell;

  @Option(
      names = {"--rnn_size", "--hidden_size"},
      paramLabel = "N",
      description = "Hidden units (default: 128).")
  private @Nullable Integer hiddenSize;

  @Option(names = "--num_layers", paramLabel = "N", description = "Stacked layers (default: 1).")
  private @Nullable Integer numLayers;

  @Option(
      names = "--seq_length",
      paramLabel = "N",
      description = "Steps to backpropagate through (default: 64).")
  private @Nullable Integer seqLength;

  @Option(
      names = "--batch_size",
      paramLabel = "N",
      description = "Streams read side by side (default: 32).")
  private @Nullable Integer batchSize;

  @Option(
      names = "--shard_size",
      paramLabel = "N",
      description =
          "Streams whose gradients are summed alone, so that threads can share the work; 0 for the"
              + " whole batch at once (default: 0).")
  private @Nullable Integer shardSize;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Threads that share the shards of --shard_size; the result is the same for any number"
              + " (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--learning_rate",
      paramLabel = "X",
      defaultValue = "0.003",
      description = "Adam's learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description = "Of the learning rate: constant, or cosine down to 0 (default: constant).")
  private @Nullable String schedule;

  @Option(
      names = "--warmup_steps",
      paramLabel = "N",
      description = "First steps, in which the learning rate rises (default: 0).")
  private @Nullable Integer warmupSteps;

  @Option(
      names = "--dropout",
      paramLabel = "X",
      description = "Fraction of a layer's outputs dropped before the next layer (default: 0).")
  private @Nullable Double dropout;

  @Option(
      names = "--grad_clip",
      paramLabel = "X",
      description = "Largest global norm of the gradients (default: 5).")
  private @Nullable Double gradClip;

  @Option(names = "--steps", paramLabel = "N", description = "Training steps (default: 2500).")
  private @Nullable Integer steps;

  @Option(
      names = {"--eval_val_every", "--eval_every"},
      paramLabel = "N",
      description = "Steps between two looks at the validation part (default: 250).")
  private @Nullable Integer evalEvery;

  @Option(
      names = "--val_frac",
      paramLabel = "X",
      description =
          "Fraction of the text to choose the best model by, and as much again to test it on"
              + " (default: 0.1).")
  private @Nullable Double valFrac;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "Looks at the validation part without a lower loss after which to stop; 0 for none"
              + " (default: 0).")
  private @Nullable Integer patience;

  @Option(
      names = {"--init_from", "--init-from"},
      paramLabel = "FILE",
      description = "Begin with this checkpoint; it decides the architecture.")
  private @Nullable Path initFrom;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Write the model with the lowest validation loss as safetensors.")
  private @Nullable Path save;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--quick", description = "A small model for a short while.")
  private boolean quick;

  @Mixin private Destination destination;

  @Option(names = "--force", description = "Throw an existing run away and run it again.")
  private boolean force;

  /** Made by picocli. */
  public CharLmCommand() {}

  /**
   * Where the training runs.
   *
   * @param shardSize streams of a shard, or 0 where the batch is not cut
   * @param threads what {@code --threads} says
   * @throws InputException if it cannot run there
   */
  protected Backend backend(int shardSize, int threads) throws IOException {
    if (threads < 1 || (threads > 1 && shardSize == 0)) {
      throw new InputException(
          "--threads "
              + threads
              + ": threads share the work by shards; give at least 1, and --shard_size with more.");
    }
    return new ThreadPool(1, threads);
  }

  @Override
  public Integer call() throws IOException {
    requireName("--text", text);
    requireName("--init_from", initFrom);
    requireName("--save", save);
    if (save != null) {
      requireWritable(save);
    }
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("cells", cell.equals("rnn") ? "rnn_tanh" : cell);
    put(overrides, "text", text);
    put(overrides, "hidden_size", hiddenSize);
    put(overrides, "num_layers", numLayers);
    put(overrides, "seq_length", seqLength);
    put(overrides, "batch_size", batchSize);
    put(overrides, "shard_size", shardSize);
    put(overrides, "learning_rates", learningRate);
    put(overrides, "schedule", schedule);
    put(overrides, "warmup_steps", warmupSteps);
    put(overrides, "dropout", dropout);
    put(overrides, "grad_clip", gradClip);
    put(overrides, "steps", steps);
    put(overrides, "eval_every", evalEvery);
    put(overrides, "val_frac", valFrac);
    put(overrides, "patience", patience);
    put(overrides, "init_from", initFrom);
    Experiment experiment = Experiments.named("char-lm");
    Path run;
    try (Backend backend = backend(shardSize == null ? 0 : shardSize, threads)) {
      Footprint.require(
          "char-lm", experiment.settings(quick).override("char-lm", overrides), backend.memory());
      run =
          new Runner(
                  new Runner.Options(
                      quick,
                      List.of(seed),
                      overrides,
                      backend,
                      destination.root("experiments"),
                      force),
                  System.out)
              .run(experiment);
    }
    TrialRecord record =
        Json.COMPACT.readValue(
            Files.readAllLines(run.resolve("metrics.jsonl")).getFirst(), TrialRecord.class);
    show(run, record);
    if (save != null) {
      try (var files = Files.list(run)) {
        Path checkpoint =
            files
                .filter(file -> file.toString().endsWith(CharLm.CHECKPOINT))
                .findFirst()
                .orElseThrow(
                    () ->
                        new InputException(
                            "The model of the finished run in "
                                + run
                                + " is gone: add --force to train it again."));
        AtomicFile.write(save, Files.readAllBytes(checkpoint));
      }
      System.out.println("Model: " + save + ", " + best(record));
    }
    return 0;
  }

  private static void requireName(String option, @Nullable Path file) {
    if (file != null && file.toString().isEmpty()) {
      throw new InputException(
          option + " is empty: give the name of a file, or leave " + option + " out.");
    }
  }

  /** What stands in the way of the file is told before the training, not after it. */
  private static void requireWritable(Path save) {
    if (Files.isDirectory(save)) {
      throw new InputException("--save " + save + " is a folder: give the name of a file.");
    }
    Path folder = save.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new InputException(
          "--save "
              + save
              + " cannot be written: "
              + folder
              + " is no folder that can be written to; give a file in one.");
    }
  }

  private static void put(Map<String, String> overrides, String key, @Nullable Object value) {
    if (value != null) {
      overrides.put(key, value.toString());
    }
  }

  /** Which evaluation the checkpoint is of: the first with the lowest validation loss. */
  private static String best(TrialRecord record) {
    return Numbers.format(
        "after step %.0f, where the validation loss was lowest: %.4f nats",
        record.number("best_step"), record.number("validation_nats"));
  }

  private static void show(Path run, TrialRecord record) throws IOException {
    Result result = ResultStore.read(run);
    for (List<String> sample : result.tables().get(1).rows()) {
      System.out.printf("%n--- temperature %s ---%n%s%n", sample.get(1), sample.get(2));
    }
    double speed =
        Sessions.read(run).sessions().getLast().timings().values().stream()
            .mapToDouble(Double::doubleValue)
            .findFirst()
            .orElse(Double.NaN);
    System.out.print(
        Numbers.format(
            "%nheld-out loss %.4f nats = %.4f bits per character; training loss %.4f nats; %,.0f"
                + " characters/s%n",
            record.number("held_out_nats"),
            record.number("held_out_nats") / StrictMath.log(2),
            record.number("training_nats"),
            speed));
    List<List<String>> rows = result.tables().getFirst().rows();
    rows.subList(1, rows.size())
        .forEach(row -> System.out.printf("%s: %s nats%n", row.getFirst(), row.get(4)));
  }
}
