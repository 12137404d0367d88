package dev.unroll.bench.gate;

import dev.unroll.bench.result.Run;
import dev.unroll.bench.result.Runs;
import dev.unroll.bench.result.Session;
import dev.unroll.report.command.Destination;
import dev.unroll.report.command.Program;
import dev.unroll.report.number.Numbers;
import dev.unroll.report.run.Progress;
import dev.unroll.report.run.Results;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gate}: is this build slower than that one? */
@Command(
    name = "gate",
    description = {
      "Says whether this build is slower than another.",
      "Measures two builds of rnn-core, or two jars of JMH benchmarks, in turns, and says of each"
          + " benchmark whether it improved, regressed, or stayed within the noise."
    },
    footer = {
      "",
      "Exit code 0: pass; 1: regression; 2: inconclusive; 3: it could not be set up. Maven makes 1"
          + " of all but 0 and prints the code; ./unroll keeps it.",
      "",
      "Examples:",
      "  gate --base main",
      "  gate --base HEAD^ --full",
      "  gate --base HEAD^ --since v0.1.0",
      "  gate --base-jar old/rnn-core.jar --candidate-jar new/rnn-core.jar",
      "  gate --jars old/benchmarks.jar new/benchmarks.jar --only Parser --jmh \"-p size=10\"",
      "  gate --self-test --minutes 20",
      "  gate --history 10 --pairs 5"
    },
    exitCodeOnInvalidInput = GateCommand.NOT_SET_UP,
    exitCodeOnExecutionException = GateCommand.NOT_SET_UP,
    mixinStandardHelpOptions = true)
public final class GateCommand implements Callable<Integer> {
  static final int NOT_SET_UP = 3;

  /** Percent: what CI fails for. */
  static final double CI_LIMIT = 5;

  private static final String SAMPLES = "samples.jsonl";

  @Spec private CommandSpec spec;

  @Mixin private Destination destination;

  @Option(
      names = "--base",
      paramLabel = "REF",
      description = "Compares the work tree with this commit, built in a worktree of its own.")
  private @Nullable String base;

  @Option(
      names = "--since",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "TAG",
      description =
          "Also compares with this tag or commit, to see what many small changes add up to; without"
              + " a name with the last tag.")
  private @Nullable String since;

  @Option(
      names = "--jars",
      arity = "1..*",
      paramLabel = "JAR",
      description =
          "Two jars of JMH benchmarks, the base's first; with --self-test one, against itself.")
  private @Nullable List<Path> jars;

  @Option(
      names = "--jmh",
      paramLabel = "OPTIONS",
      description =
          "With --jars: JMH's own options, which hold before the benchmarks' annotations (default:"
              + " \""
              + JarSides.OPTIONS
              + "\"); \"\" leaves the times"
              + " that the benchmarks say.")
  private @Nullable String jmh;

  @Option(
      names = "--base-jar",
      paramLabel = "JAR",
      description = "Jar or classes of the base's rnn-core; needs no git.")
  private @Nullable Path baseJar;

  @Option(
      names = "--candidate-jar",
      paramLabel = "JAR",
      description = "Jar or classes of the candidate's rnn-core; default this build's own.")
  private @Nullable Path candidateJar;

  @Option(names = "--quick", description = "Finds +3 %% in some 3 minutes; the default.")
  private boolean quick;

  @Option(names = "--full", description = "Finds +2 %% in some 10 minutes.")
  private boolean full;

  @Option(
      names = "--ci",
      description =
          "For an automatic check: fails only for what is proven to be over 5 %% slower or"
              + " allocates otherwise; says all else and passes, also where the base is missing.")
  private boolean ci;

  @Option(
      names = "--fail-over",
      paramLabel = "PERCENT",
      description = "Fails only for what is proven to be this much slower; default 1, with --ci 5.")
  private @Nullable Double failOver;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only benchmarks whose names this matches.")
  private @Nullable String only;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description = "Pairs of the first look; a second look has as many again.")
  private @Nullable Integer firstLook;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description =
          "Begins no pair that would end after so many; with --self-test, how long to gather.")
  private @Nullable Double minutes;

  @Option(
      names = "--find",
      paramLabel = "PERCENT",
      description =
          "Adds pairs until a slowdown of so much would show in every benchmark, or the time is"
              + " over.")
  private double find;

  @Option(
      names = "--clock",
      paramLabel = "CLOCK",
      description =
          "wall (default), or cpu: times calls by the processor's time, which other programs are"
              + " not in; for one thread.")
  private Clock clock = Clock.WALL;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "The run's own folder (default: named after its date and kind).")
  private @Nullable Path output;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description =
          "Also appends the report in Markdown to this file; always to the one that"
              + " GITHUB_STEP_SUMMARY names.")
  private @Nullable Path summary;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes gate.json here.")
  private @Nullable Path json;

  @Option(
      names = "--self-test",
      description =
          "Plants slowdowns into this build and publishes how often the gate finds them and how"
              + " often it errs. Goes on with the pairs that the folder already holds.")
  private boolean selfTest;

  @Option(names = "--load", description = "With --self-test: keeps one core busy meanwhile.")
  private boolean load;

  @Option(
      names = "--history",
      paramLabel = "N",
      description = "The last N commits that touch rnn-core, each against its parent.")
  private @Nullable Integer history;

  /** Made by picocli. */
  public GateCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    try {
      if (selfTest) {
        return selfTest();
      }
      if (history != null) {
        return history(history);
      }
      if (jars != null) {
        return jars(jars);
      }
      if (baseJar != null) {
        return cores(baseJar);
      }
      Commits commits = new Commits(limit(), benchmarks());
      int code = base == null ? 0 : commit(commits, base, "gate-");
      return since == null ? code : worse(code, commit(commits, commits.tag(since), "gate-since-"));
    } catch (Git.MissingCommit e) {
      if (ci) {
        System.out.println("Gate: nothing was compared: " + e.getMessage());
        return 0;
      }
      System.err.println("Error: " + e.getMessage());
      return NOT_SET_UP;
    } catch (IllegalArgumentException
        | IllegalStateException
        | IOException
        | UncheckedIOException e) {
      System.err.println((ci ? "Warning: nothing was compared: " : "Error: ") + e.getMessage());
      return ci ? 0 : NOT_SET_UP;
    }
  }

  private static int worse(int one, int other) {
    return one == 1 || other == 1 ? 1 : Math.max(one, other);
  }

  private void check() {
    int modes =
        (base == null && since == null ? 0 : 1)
            + (jars == null || selfTest ? 0 : 1)
            + (baseJar == null ? 0 : 1)
            + (selfTest ? 1 : 0)
            + (history == null ? 0 : 1);
    if (modes != 1) {
      throw bad(
          "give one of --base REF, --since TAG (or both of these), --base-jar JAR, --jars JAR JAR,"
              + " --self-test and --history N");
    }
    if (jars != null && jars.size() != (selfTest ? 1 : 2)) {
      throw bad(
          selfTest
              ? "with --self-test give one jar: it is compared with itself"
              : "--jars needs two jars, the base's and the candidate's, but has %d: %s"
                  .formatted(jars.size(), jars));
    }
    if (jmh != null && jars == null) {
      throw bad("--jmh goes with --jars");
    }
    if (quick && full) {
      throw bad("choose --quick or --full, not both");
    }
    if (candidateJar != null && baseJar == null) {
      throw bad("--candidate-jar goes with --base-jar; --base takes the work tree");
    }
    if (load && !selfTest) {
      throw bad("--load goes with --self-test");
    }
    if (firstLook != null && firstLook < Judge.LEAST_PAIRS) {
      throw bad("--pairs must be at least " + Judge.LEAST_PAIRS + ", but is " + firstLook);
    }
    if (minutes != null && !(minutes > 0)) {
      throw bad("--minutes must be above 0, but is " + minutes);
    }
    if (!(find >= 0)) {
      throw bad("--find must be above 0, but is " + find);
    }
    if (json != null && !Files.isDirectory(json.toAbsolutePath().resolveSibling(""))) {
      throw bad("--json " + json + " cannot be written: there is no such folder");
    }
    if (failOver != null && !(failOver >= 1)) {
      throw bad("--fail-over must be at least 1, but is " + failOver);
    }
    if (history != null && history < 1) {
      throw bad("--history must be at least 1, but is " + history);
    }
    if (jars == null) {
      benchmarks();
    } else {
      pattern();
    }
  }

  private ParameterException bad(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Of the names to compare. */
  private Pattern pattern() {
    try {
      return Pattern.compile(only == null ? "" : only);
    } catch (PatternSyntaxException e) {
      throw bad("--only '%s' is no regular expression: %s".formatted(only, e.getDescription()));
    }
  }

  private List<Gated> benchmarks() {
    List<Gated> all = Gated.all();
    Pattern pattern = pattern();
    List<Gated> chosen = all.stream().filter(b -> pattern.matcher(b.name()).find()).toList();
    if (chosen.isEmpty()) {
      throw bad(
          "no benchmark matches --only '%s': choose from %s"
              .formatted(only, all.stream().map(Gated::name).toList()));
    }
    return chosen;
  }

  private Looks looks() {
    return full ? Looks.FULL : Looks.QUICK;
  }

  private double limit() {
    return 1 + (failOver != null ? failOver : ci ? CI_LIMIT : 100 * (Judge.MARGIN - 1)) / 100;
  }

  private RunFolder folder(String kind) {
    return output == null ? Runs.next(destination.root(Runs.GATE), kind) : given(output);
  }

  private RunFolder folderOfAll(String kind) {
    return output == null
        ? new RunFolder(destination.root(Runs.GATE).resolve(kind))
        : given(output);
  }

  private RunFolder given(Path folder) {
    return new RunFolder(destination.allowed(folder));
  }

  private List<String> args() {
    return Program.words(spec);
  }

  private Gate settings() {
    return new Gate(
        firstLook == null ? looks().first : firstLook,
        firstLook == null ? looks().second : 2 * firstLook,
        minutes == null ? looks().minutes : minutes,
        limit(),
        clock,
        find);
  }

  private JarSides sides(Path before, Path after) throws IOException, InterruptedException {
    return new JarSides(before, after, pattern().pattern(), jmh == null ? JarSides.OPTIONS : jmh);
  }

  private int jars(List<Path> both) throws IOException, InterruptedException {
    JarSides sides = sides(both.getFirst(), both.getLast());
    return gate(
        "gate-jars-",
        new Comparison(
            sides,
            sides.subject(),
            new Judge(limit(), new Accepted("")),
            sides.gone(),
            sides.notes(),
            List.of(),
            both.getFirst().toString(),
            both.getLast().toString()));
  }

  private int cores(Path baseCore) throws IOException, InterruptedException {
    Core before = new Core(baseCore);
    Core after = candidateJar == null ? Core.own() : new Core(candidateJar);
    return gate(
        "gate-",
        Comparison.ofCores(
            before,
            after,
            benchmarks(),
            new Judge(limit(), new Accepted("")),
            List.of(),
            List.of("a jar does not tell which benchmarks the base lists"),
            List.of(),
            before.path().getFileName().toString(),
            after.path().getFileName().toString()));
  }

  private int commit(Commits commits, String commit, String kind)
      throws IOException, InterruptedException {
    Comparison comparison = commits.comparison(commit, ci);
    return comparison == null ? 0 : gate(kind, comparison);
  }

  private int gate(String kinds, Comparison comparison) throws IOException, InterruptedException {
    String kind = kinds + looks().label();
    Gate gate = settings();
    RunFolder folder = folder(kind);
    Progress.announce(
        System.out,
        "%s against %s, in %d pairs of processes, or %d if those do not settle it"
            .formatted(comparison.candidate(), comparison.base(), gate.first(), gate.second()),
        Numbers.format("at most %.0f minutes", gate.minutes()),
        folder.path());
    if (only != null) {
      comparison = comparison.with("only benchmarks that match " + only);
    }
    Session session = new Session(folder, Run.begin(kind, args()));
    GateReport report = comparison.decide(gate, session, folder.path().resolve(SAMPLES));
    report.write(folder, Run.of(folder));
    System.out.println();
    System.out.print(report.console());
    System.out.println("Report: " + folder.path().resolve(GateReport.MARKDOWN));
    if (json != null) {
      Files.copy(folder.path().resolve(GateReport.FILE), json, StandardCopyOption.REPLACE_EXISTING);
    }
    String github = System.getenv("GITHUB_STEP_SUMMARY");
    for (Path file :
        Stream.of(summary, github == null || github.isEmpty() ? null : Path.of(github))
            .filter(Objects::nonNull)
            .toList()) {
      Files.writeString(
          file, report.markdown() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
    return ci && report.exitCode() == 2 ? 0 : report.exitCode();
  }

  private int selfTest() throws IOException, InterruptedException {
    long deadline =
        System.nanoTime() + (long) ((minutes == null ? looks().minutes : minutes) * 60e9);
    String kind = (load ? "self-test-load" : "self-test") + (jars == null ? "" : "-jars");
    RunFolder folder = folderOfAll(kind);
    Sides sides;
    String subject;
    if (jars == null) {
      Core core = Core.own();
      sides = new CoreSides(core, core, benchmarks());
      subject = "%s of %s, %s".formatted(kind, core.fingerprint(), benchmarks());
    } else {
      JarSides same = sides(jars.getFirst(), jars.getFirst());
      sides = same;
      subject = kind + " of " + same.subject();
    }
    boolean rates;
    Session session = Session.in(folder, "gate-" + kind, args());
    Progress.announce(
        System.out,
        "One build against itself, with slowdowns planted",
        Numbers.format("%.0f minutes", minutes == null ? looks().minutes : minutes),
        folder.path());
    try (PairLog log = new PairLog(folder.path().resolve(SAMPLES), subject)) {
      Pairs pairs = new Pairs(sides, log);
      BusyCore busy = load ? new BusyCore() : null;
      try {
        pairs.gather(Integer.MAX_VALUE, deadline, SelfTest.PLANTS);
      } finally {
        if (busy != null) {
          busy.close();
        }
      }
      SelfTest.Result result = SelfTest.result(log.pairs(), pairs.benchmarks(), load);
      rates = !result.forms().isEmpty();
      SelfTest.write(folder, result, sides, session.end(List.of()));
    }
    System.out.println(Files.readString(folder.path().resolve(GateReport.MARKDOWN)));
    return rates ? 0 : 2;
  }

  private int history(int count) throws IOException, InterruptedException {
    RunFolder folder = folderOfAll("history");
    Session session = Session.in(folder, "gate-history", args());
    Gate once = settings();
    Progress.announce(
        System.out,
        "The last %d commits that touch rnn-core, each against its parent".formatted(count),
        minutes == null
            ? "at most %d minutes each".formatted(looks().minutes)
            : Numbers.format("none is begun after %.0f minutes", minutes),
        folder.path());
    Gate gate = new Gate(once.first(), once.second(), looks().minutes, once.limit(), clock, find);
    History entries =
        new History.Judging(new Git(Results.HOME.toAbsolutePath()), folder, benchmarks())
            .of(count, gate, minutes);
    entries.write(folder, session.end(List.of()));
    System.out.println(Files.readString(folder.path().resolve(GateReport.MARKDOWN)));
    return 0;
  }
}
