package dev.unroll.report.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

class ProgramTest {
  @Command(name = "all", subcommands = Measure.class)
  static final class All {}

  @Command(name = "measure", exitCodeOnExecutionException = 3, mixinStandardHelpOptions = true)
  static final class Measure implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Destination destination;

    @Option(names = "--quick")
    @SuppressWarnings("UnusedVariable") // it is there to be mistyped
    private boolean quick;

    @Parameters private String what = "";

    @Override
    public Integer call() throws IOException {
      return switch (what) {
        case "input" -> throw new InputException("It is too small: give 1 or more.");
        case "file" -> throw new UncheckedIOException(new NoSuchFileException("model"));
        case "size" -> throw new ArithmeticException("integer overflow");
        case "memory" -> throw new OutOfMemoryError("Java heap space");
        case "words" -> Program.words(spec).equals(List.of("measure", "words")) ? 0 : 9;
        default -> destination.root("bench").endsWith(what) ? 0 : 9;
      };
    }
  }

  private final StringWriter errors = new StringWriter();

  private int run(String... words) {
    CommandLine line = Program.of(new All());
    CommandLine outer = Program.of(new Outer()).addSubcommand("all", line);
    outer.setErr(new PrintWriter(errors, true));
    return Program.run(outer, ("all " + String.join(" ", words)).split(" ", -1));
  }

  @Command(name = "outer")
  static final class Outer {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mesure x                | 2 | There is no command 'mesure': did you mean measure?",
        "zzz                     | 2 | There is no command 'zzz'; there are measure.",
        "measure --quik x        | 2 | There is no option '--quik': did you mean --quick?",
        "measure --ref x         | 2 | There is no option '--ref': did you mean --reference?",
        "measure x y             | 2 | measure cannot use 'y'.",
        "measure @. y            | 2 | measure cannot use 'y'.",
        "measure                 | 2 | Missing required parameter: '<what>'",
        "measure input           | 3 | It is too small: give 1 or more.",
        "measure file            | 3 | Cannot use model (NoSuchFile): check the path,",
        "measure size            | 3 | The sizes given need longer arrays than Java has (integer",
        "measure memory          | 1 | is too little for this (Java heap space): make sizes",
        "measure --out x --reference y | 3 | --out and --reference are both given",
        "measure --out results/reference/bench y | 3 | results/reference/bench is for runs to"
            + " commit",
      })
  void whatIsWrongIsOneSentenceAndAnExitCode(String words, int code, String sentence) {
    assertThat(run(words)).isEqualTo(code);
    assertThat(errors.toString()).startsWith("Error: ").contains(sentence).doesNotContain("\tat ");
  }

  @Test
  void runsGoWhereTheOptionsSay() {
    assertThat(run("measure", "results/runs/bench")).isZero();
    assertThat(run("measure", "--reference", "results/reference/bench")).isZero();
    assertThat(run("measure", "--out", "some/where", "some/where")).isZero();
  }

  @Test
  void theWordsOfACommandRunItAgain() {
    assertThat(run("measure", "words")).isZero();
  }
}
