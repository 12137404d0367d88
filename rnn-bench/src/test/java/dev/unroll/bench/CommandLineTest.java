package dev.unroll.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CommandLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peers --shape 64,100        | a shape is four whole numbers B,T,I,H",
        "peers --cell lstmm          | no cell 'lstmm': choose from all",
        "peers --mode backward       | no mode 'backward': choose forward or training",
        "peers --set deepbenk        | no set 'deepbenk': choose from deepbench",
        "peers --set deepbench --quick | --set has its own shapes: leave out --quick",
        "peers --seconds 0           | --seconds must be above 0, but is 0",
        "peers --threads 0           | --threads must be at least 1",
        "bytes --cell lstmm          | no cell 'lstmm': choose from",
        "bytes --mode forward        | no mode 'forward': choose step or pass",
        "bytes --batch 0             | --batch must be at least 1, but is 0",
        "bytes --steps 0             | --steps must be at least 1, but is 0",
        "bytes --hidden 128,0        | --hidden must be at least 1, but is 0",
        "bytes --threads 0           | --threads must be at least 1, but is 0",
        "bytes --seconds 0           | --seconds must be above 0, but is 0",
        "streams --cell lstmm        | no cell 'lstmm': choose from",
        "streams --format f16        | no format 'f16': choose from [f32, bf16, int8]",
        "streams --streams 0         | --streams must be at least 1, but is 0",
        "streams --batch 4,0         | --batch must be at least 1, but is 0",
        "streams --hidden 0          | --hidden must be at least 1, but is 0",
        "streams --wait -1           | --wait must be at least 0, but is -1",
        "streams --rate -1           | --rate must be at least 0, but is -1",
        "streams --load 0            | --load must be above 0, but is 0",
        "streams --seconds 0         | --seconds must be above 0, but is 0",
        "streams --onnx nothing.onnx --alone | There is no file",
        "run --quick --full          | choose --quick or --full",
        "run --cells --newton        | choose one of --full, --cells and --newton",
        "run --newton --quick        | --quick goes with --cells alone",
        "run --threads 0             | --threads must be at least 1",
        "run --resume nothing-there  | There is no run 'nothing-there'",
        "jmh Parts -p cell=lstmm     | No cell is named 'lstmm'; use one of",
        "jmh Parts -p part=all       | -p part=all: choose from FORWARD, INPUT_PRODUCT",
        "jmh Epoch -p steps=x        | -p steps=x: a whole number of at least 1 is expected",
        "jmh Epoch -p steps=0        | -p steps=0: a whole number of at least 1 is expected",
        "jmh SequenceLength -p cell=lstm -p steps=4096 -p batch=4096 | needs about",
        "compare nothing-there x     | There is no run 'nothing-there'",
        "report nothing-there        | There is no run 'nothing-there'",
        "gate                        | give one of --base REF, --since TAG",
        "gate --base a --self-test   | give one of --base REF, --since TAG",
        "gate --base no-such-commit  | there is no commit 'no-such-commit'",
        "gate --jars a.jar           | --jars needs two jars",
        "gate --jars a.jar b.jar c.jar | but has 3: [a.jar, b.jar, c.jar]",
        "gate --jars a.jar b.jar     | there is no file a.jar",
        "gate --base a --jmh -f      | --jmh goes with --jars",
        "gate --since no-such-tag    | there is no commit 'no-such-tag'",
        "gate --base-jar nothing.jar | there is no nothing.jar",
        "gate --base a --only xyz    | no benchmark matches --only 'xyz'",
        "gate --base a --only [      | is no regular expression",
        "gate --base a --pairs 4     | --pairs must be at least 5",
        "gate --base a --load        | --load goes with --self-test",
        "gate --base a --quick --full | choose --quick or --full",
        "jmh NoSuchBenchmark         | No benchmark matches [NoSuchBenchmark]",
        "jmh -wi x                   | \"-h\" shows JMH's options",
        "report --reference          | There is no option '--reference'",
        "runn                        | There is no command 'runn': did you mean run?"
      })
  void badInputGetsASentenceAndAnExitCode(String words, String sentence) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.err;
    StringWriter text = new StringWriter();
    int status;
    try (PrintStream errors = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(errors);
      CommandLine commandLine = Main.commandLine();
      commandLine.setErr(new PrintWriter(text, true));
      status = commandLine.execute(words.split(" ", -1));
    } finally {
      System.setErr(before);
    }
    assertThat(status).isNotZero();
    assertThat(text + bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\tat ");
    assertThat(text + bytes.toString(StandardCharsets.UTF_8)).contains(sentence);
  }

  @Test
  void everyCommandHasHelpWithExamples() {
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden()) {
                assertThat(command.getUsageMessage()).as(name).contains("Example");
                assertThat(command.getCommandSpec().usageMessage().description()[0])
                    .as("%s in the list of commands", name)
                    .matches("[A-Z].*\\.");
              }
            });
  }
}
