package dev.unroll.report.page;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Pieces of HTML from templates beside a class. Their names end in {@code .ftlh}, and all values in
 * them are escaped.
 */
public final class Templates {
  private Templates() {}

  /**
   * Fills a template.
   *
   * @param beside the class in whose package the template lies
   * @param name of the file
   * @param values what it shows, by name: texts, numbers, lists, maps and records
   */
  public static String fill(Class<?> beside, String name, Map<String, ?> values) {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setClassForTemplateLoading(beside, "");
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    configuration.setLocale(Locale.ROOT);
    configuration.setNumberFormat("c");
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    StringWriter text = new StringWriter();
    try {
      configuration.getTemplate(name).process(values, text);
    } catch (TemplateException e) {
      throw new IllegalStateException("the template " + name + " cannot be filled", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the template " + name, e);
    }
    return text.toString();
  }
}
