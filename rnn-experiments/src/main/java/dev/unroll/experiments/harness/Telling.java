package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Band;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.number.Numbers;
import freemarker.template.Configuration;
import freemarker.template.SimpleNumber;
import freemarker.template.SimpleScalar;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateHashModel;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModel;
import freemarker.template.TemplateModelException;
import freemarker.template.TemplateScalarModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment is in words: the resource {@code experiment/NAME.md}. Its heading is the
 * question; its sections are Setting, The notebook (what it said), Measured and Why, of which all
 * but the first may be missing; a section Bands has a table of figure, place, what the notebook
 * said, and where a faithful implementation lands. A place may also name a setting.
 *
 * <p>Sections are FreeMarker templates. They know every setting by its name, {@code seeds}, and
 * every measure that is not called like a setting as a function of a place: {@code
 * ${accuracy("cell=lstm T=20")}} is the mean, to the measure's digits; {@code .interval} is the
 * mean with its interval; {@code .mean}, {@code .sd}, {@code .low}, {@code .high} and {@code .n}
 * are numbers, for {@code <#if ...>} around a sentence that is only true where they say so. A
 * paragraph that speaks of what was not measured, because the settings leave it out or no trial
 * came to its end, is left out.
 */
final class Telling {
  private final String name;
  private final String question;
  private final Map<String, String> sections;

  private Telling(String name, String question, Map<String, String> sections) {
    this.name = name;
    this.question = question;
    this.sections = sections;
  }

  /** The text of the experiment of this name. */
  static Telling of(String name) {
    String resource = "/experiment/" + name + ".md";
    try (InputStream stream = Telling.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("There is no resource " + resource);
      }
      return parse(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  static Telling parse(String name, String text) {
    String[] parts = text.strip().split("(?m)^## ");
    Map<String, String> sections = new LinkedHashMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int end = part.indexOf('\n');
      sections.put(part.substring(0, end).strip(), part.substring(end).strip());
    }
    return new Telling(name, parts[0].replaceFirst("^# ", "").strip(), sections);
  }

  String question() {
    return question;
  }

  /** The story of an outcome. */
  Result.Story story(Words words) {
    return new Result.Story(
        question,
        section("Setting", words),
        section("The notebook", words),
        section("Measured", words),
        section("Why", words));
  }

  /** The paragraphs of a section, each on one line, with a blank line between. */
  private String section(String title, Words words) {
    List<String> paragraphs = new ArrayList<>();
    for (String template : sections.getOrDefault(title, "").split("\\n\\s*\\n")) {
      try {
        String paragraph = words.process(template).strip().replaceAll("\\s+", " ");
        if (!paragraph.isEmpty()) {
          paragraphs.add(paragraph);
        }
      } catch (NotMeasured leftOut) {
        // as this class's documentation says
      } catch (TemplateException problem) {
        throw new IllegalStateException(
            "experiment/" + name + ".md, section " + title + ", cannot be filled in", problem);
      }
    }
    return String.join("\n\n", paragraphs);
  }

  /** The figure with what the notebook said of it and its band, where the text knows of any. */
  Figure judge(Figure figure, Settings settings) {
    Map<String, Object> known = new HashMap<>(settings.byName());
    known.putAll(figure.where());
    Figure judged = figure;
    for (Expected one : expected()) {
      if (one.matches(figure.name(), known)) {
        judged = one.said == null ? judged : judged.withSaid(one.said);
        judged = judged.withBand(one.band);
      }
    }
    return judged;
  }

  private record Expected(
      String figure, Map<String, String> place, @Nullable Double said, @Nullable Band band) {
    boolean matches(String name, Map<String, Object> known) {
      return name.equals(figure) && Grid.matches(place, known);
    }
  }

  /** The table of bands: figure, place, what the notebook said, band. */
  private List<Expected> expected() {
    List<Expected> expected = new ArrayList<>();
    sections
        .getOrDefault("Bands", "")
        .lines()
        .filter(line -> line.startsWith("|"))
        .skip(2)
        .forEach(
            line -> {
              String[] cells = line.substring(1).split("\\|", -1);
              if (cells.length < 4) {
                throw new IllegalStateException(
                    "experiment/" + name + ".md: a row of Bands needs four cells: " + line);
              }
              String said = cells[2].strip();
              String band = cells[3].strip();
              expected.add(
                  new Expected(
                      cells[0].strip(),
                      Grid.parse(cells[1]),
                      said.isEmpty() ? null : Double.valueOf(said),
                      band.isEmpty() ? null : Band.parse(band)));
            });
    return expected;
  }

  /** What templates know of an outcome. */
  static final class Words {
    private static final Configuration TEMPLATES = configuration();

    private final Map<String, Object> root;

    private Words(Map<String, Object> root) {
      this.root = root;
    }

    private static Configuration configuration() {
      Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
      configuration.setLocale(Locale.ROOT);
      configuration.setNumberFormat("c");
      configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
      configuration.setLogTemplateExceptions(false);
      configuration.setWrapUncheckedExceptions(true);
      return configuration;
    }

    /** All that an experiment lends its text. */
    static Words of(Experiment experiment, Outcome outcome) {
      Map<String, Object> root = new HashMap<>();
      outcome
          .grids()
          .forEach(
              (measure, grid) ->
                  root.put(measure.replace(' ', '_').replace('-', '_'), function(grid)));
      root.putAll(outcome.settings().byName());
      root.put("seeds", outcome.seeds().size());
      root.put("label", (TemplateMethodModelEx) arguments -> label(outcome, arguments));
      root.put("percent", (TemplateMethodModelEx) Words::percent);
      root.put("series", (TemplateMethodModelEx) arguments -> series(outcome, arguments));
      experiment.words().forEach((word, value) -> root.put(word, value.apply(outcome)));
      return new Words(root);
    }

    private static TemplateMethodModelEx function(Grid grid) {
      return arguments ->
          new FigureWord(
              grid.measure(), grid.at(arguments.isEmpty() ? "" : text(arguments.getFirst())));
    }

    private static String text(Object argument) {
      return argument.toString();
    }

    /** {@code percent(.99)} is {@code 99 %}. */
    private static Object percent(List<?> arguments) {
      double part = Double.parseDouble(text(arguments.getFirst()));
      return Numbers.plain(Math.rint(1e4 * part) / 100) + " %";
    }

    /** {@code label("cell", "lstm")}: a value of an axis as people write it. */
    private static Object label(Outcome outcome, List<?> arguments) {
      return outcome.axis(text(arguments.get(0))).label().apply(text(arguments.get(1)));
    }

    /**
     * {@code series("accuracy", "cell", "T", "init=default")}: for each value of one axis its label
     * and the means along another, such as {@code LSTM 1.00 / 0.35; GRU 1.00 / 0.99}; the last two
     * arguments may be missing.
     */
    private static Object series(Outcome outcome, List<?> arguments) {
      Grid grid = outcome.grid(text(arguments.get(0)));
      if (arguments.size() > 3) {
        grid = grid.where(text(arguments.get(3)));
      }
      String by = text(arguments.get(1));
      List<String> lines = new ArrayList<>();
      for (Object value : grid.along(by)) {
        String pattern = "%." + grid.measure().digits + "f";
        lines.add(
            grid.axis(by).label().apply(value)
                + " "
                + grid.where(by, value).figures().stream()
                    .map(figure -> Numbers.format(pattern, figure.mean()))
                    .collect(Collectors.joining(" / ")));
      }
      return String.join("; ", lines);
    }

    /** A figure as templates see it. */
    Object figure(Figure figure, Measure measure) {
      return new FigureWord(measure, figure);
    }

    /** These words and some more. */
    Words with(Map<String, Object> more) {
      Map<String, Object> both = new HashMap<>(root);
      both.putAll(more);
      return new Words(both);
    }

    /** The template with everything filled in. */
    String fill(String template) {
      try {
        return process(template);
      } catch (TemplateException problem) {
        throw new IllegalStateException("Cannot fill in: " + template, problem);
      }
    }

    private String process(String template) throws TemplateException {
      try {
        StringWriter filled = new StringWriter();
        new Template(null, new StringReader(template), TEMPLATES).process(root, filled);
        return filled.toString();
      } catch (IOException malformed) {
        throw new IllegalStateException("Not a template: " + template, malformed);
      }
    }
  }

  /** Something in a template was not measured. */
  private static final class NotMeasured extends TemplateModelException {
    private static final long serialVersionUID = 1L;

    NotMeasured(String measure) {
      super(measure + " was not measured there");
    }
  }

  /** A figure as templates see it; null where nothing was measured. */
  private record FigureWord(Measure measure, @Nullable Figure figure)
      implements TemplateScalarModel, TemplateHashModel {
    private Figure measured() throws NotMeasured {
      if (figure == null || Double.isNaN(figure.mean())) {
        throw new NotMeasured(measure.name);
      }
      return figure;
    }

    @Override
    public String getAsString() throws NotMeasured {
      return Numbers.format("%." + measure.digits + "f", measured().mean());
    }

    @Override
    public TemplateModel get(String key) throws NotMeasured {
      Figure one = measured();
      return switch (key) {
        case "mean" -> new SimpleNumber(one.mean());
        case "sd" -> new SimpleNumber(one.sd());
        case "low" -> new SimpleNumber(one.low() == null ? one.mean() : one.low());
        case "high" -> new SimpleNumber(one.high() == null ? one.mean() : one.high());
        case "n" -> new SimpleNumber(one.n());
        case "interval" -> new SimpleScalar(one.text(measure.digits));
        case "factor" -> new SimpleScalar(one.factor(1));
        default -> throw new IllegalArgumentException("A figure has no " + key);
      };
    }

    @Override
    public boolean isEmpty() {
      return false;
    }
  }
}
