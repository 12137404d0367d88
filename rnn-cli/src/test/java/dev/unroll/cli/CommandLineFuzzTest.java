package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.notebook.Notebooks;
import dev.unroll.experiments.paper.Papers;
import dev.unroll.fuzz.Fuzz;
import dev.unroll.fuzz.Mutator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Whatever words a command line is given, it understands them or says in a sentence what not. */
class CommandLineFuzzTest {
  private static final int TRIALS = 600;

  private static final List<String> WORDS =
      List.of(
          "",
          " ",
          "-",
          "--",
          "=",
          "a",
          "a=b",
          "--no-such",
          "\0",
          "ä",
          "@",
          "@none",
          "%s",
          "${sys:x}");

  /** Command lines that once ended in a stack trace, or in more than a sentence. */
  private static final List<List<String>> ONCE_BROKEN =
      List.of(
          List.of("char-lm", "--batch_size", "@."), List.of("roofline", "--threads", "\"14483647"));

  /** All options of all commands, read but not carried out. */
  @Test
  void anyWordsAreUnderstoodOrNot() {
    CommandLine all =
        Main.commandLine(List.of("bench", "experiments")).setExecutionStrategy(parsed -> 0);
    for (List<String> words : ONCE_BROKEN) {
      assertThat(Commands.run(() -> all, words)).isEqualTo(2);
    }
    AtomicInteger understood = new AtomicInteger();
    Fuzz.run(
        "command lines",
        TRIALS,
        random -> {
          Mutator mutator = new Mutator(random);
          List<String> words = new ArrayList<>();
          CommandLine command = all;
          while (!command.getSubcommands().isEmpty()) {
            String name = mutator.pick(List.copyOf(command.getSubcommands().keySet()));
            words.add(name);
            command = Objects.requireNonNull(command.getSubcommands().get(name));
          }
          List<OptionSpec> options = command.getCommandSpec().options();
          for (int i = random.nextInt(5); i > 0 && !options.isEmpty(); i--) {
            OptionSpec option = mutator.pick(options);
            words.add(mutator.pick(List.of(option.names())));
            if (option.arity().max() > 0) {
              words.add(mutator.pick(random.nextInt(3) == 0 ? WORDS : Mutator.NUMBERS));
            }
          }
          addDamage(words, mutator, random);
          if (Commands.run(() -> all, words) == 0) {
            understood.getAndIncrement();
          }
        });
    assertThat(understood).hasValueGreaterThan(TRIALS / 10);
  }

  /** Settings of experiments are checked and printed; nothing is run. */
  @Test
  void anySettingsAreTakenOrNot() {
    List<Experiment> experiments =
        Stream.concat(Notebooks.ALL.stream(), Papers.ALL.stream()).toList();
    CommandLine line = dev.unroll.experiments.Main.commandLine();
    AtomicInteger taken = new AtomicInteger();
    Fuzz.run(
        "settings",
        TRIALS,
        random -> {
          Mutator mutator = new Mutator(random);
          Experiment experiment = mutator.pick(experiments);
          List<String> words = new ArrayList<>();
          List<String> settings = List.copyOf(experiment.settings(true).json().propertyNames());
          words.add(experiment.name());
          for (int i = 1 + random.nextInt(2); i > 0; i--) {
            String value = mutator.pick(random.nextInt(3) == 0 ? WORDS : Mutator.NUMBERS);
            words.add(mutator.pick(settings) + "=" + value);
          }
          if (random.nextInt(3) == 0) {
            addDamage(words, mutator, random);
          }
          words.addAll(0, List.of("run", "--settings"));
          if (Commands.run(() -> line, words) == 0) {
            taken.getAndIncrement();
          }
        });
    assertThat(taken).hasValueGreaterThan(TRIALS / 20);
  }

  private static void addDamage(List<String> words, Mutator mutator, RandomGenerator random) {
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(words.size());
      switch (random.nextInt(4)) {
        case 0 -> words.add(at, mutator.pick(WORDS));
        case 1 -> words.add(at, mutator.pick(words));
        default -> {
          byte[] word = Mutator.latin(words.get(at));
          words.set(at, Mutator.latin(mutator.bytes(word, word, word.length)));
        }
      }
    }
  }
}
