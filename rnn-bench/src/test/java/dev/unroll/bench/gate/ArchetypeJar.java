package dev.unroll.bench.gate;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import joptsimple.OptionParser;
import org.apache.commons.math3.util.FastMath;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.generators.BenchmarkProcessor;

/** JMH's archetype with its one method filled in, built into one jar as its pom does. */
final class ArchetypeJar {
  private static final String SOURCE = "/archetype-resources/src/main/java/MyBenchmark.java";
  private static final String CLASS = "public class MyBenchmark {";

  private ArchetypeJar() {}

  /**
   * Builds the jar.
   *
   * @param body what the class holds instead of the archetype's empty method
   */
  static void build(Path jar, String body) throws Exception {
    Path classes = Files.createTempDirectory(jar.getParent(), "classes");
    try (InputStream file = ArchetypeJar.class.getResourceAsStream(SOURCE)) {
      String source =
          new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
              .replace("${groupId}", "org.sample");
      source = source.substring(0, source.indexOf(CLASS) + CLASS.length()) + body + "}\n";
      compile(source, classes);
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      Set<String> written = new HashSet<>();
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          add(out, classes.relativize(file).toString(), Files.readAllBytes(file), written);
        }
      }
      for (Class<?> part : List.of(Benchmark.class, OptionParser.class, FastMath.class)) {
        try (ZipFile library = new ZipFile(place(part).toFile())) {
          for (ZipEntry entry :
              library.stream().filter(e -> !e.getName().startsWith("META-INF")).toList()) {
            add(out, entry.getName(), library.getInputStream(entry).readAllBytes(), written);
          }
        }
      }
    }
  }

  private static void add(JarOutputStream out, String name, byte[] bytes, Set<String> written)
      throws IOException {
    if (written.add(name)) {
      out.putNextEntry(new ZipEntry(name));
      out.write(bytes);
      out.closeEntry();
    }
  }

  private static Path place(Class<?> part) throws Exception {
    return Path.of(
        Objects.requireNonNull(part.getProtectionDomain().getCodeSource()).getLocation().toURI());
  }

  private static void compile(String source, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                errors,
                null,
                null,
                List.of(
                    "-d",
                    classes.toString(),
                    "-classpath",
                    System.getProperty("java.class.path"),
                    "-processor",
                    BenchmarkProcessor.class.getName()),
                null,
                List.of(
                    new SimpleJavaFileObject(
                        URI.create("string:///org/sample/MyBenchmark.java"),
                        javax.tools.JavaFileObject.Kind.SOURCE) {
                      @Override
                      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                      }
                    }))
            .call();
    if (!compiled) {
      throw new IllegalStateException(errors.toString());
    }
  }
}
