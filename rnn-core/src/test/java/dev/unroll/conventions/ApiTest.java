package dev.unroll.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.AccessFlags;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/**
 * What guests may call, as it was at the last release: {@code MODULE/src/api/MODULE.jar}, the
 * classes of the exported packages without their code. The build holds each module against it. At a
 * release, or to accept a change that breaks guests, write it anew from what is built:
 *
 * <pre>mvn -DskipTests -Djapicmp.skip package; mvn -pl rnn-core test -Dtest=ApiTest -Dapi.fix</pre>
 */
class ApiTest {
  private static final LocalDateTime NO_TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  @Test
  void theBaselineHoldsTheExportedClassesOnly() throws IOException {
    assertThat(published()).contains("rnn-core", "rnn-onnx");
    for (String module : published()) {
      Path jar = Sources.root().resolve(module).resolve("src/api/" + module + ".jar");
      Path built = Sources.root().resolve(module).resolve("target/classes");
      if (System.getProperty("api.fix") != null && Files.isDirectory(built)) {
        write(built, jar);
      }
      try (JarFile file = new JarFile(jar.toFile())) {
        ZipEntry descriptor = file.getEntry("module-info.class");
        Set<String> packages =
            descriptor == null ? Set.of() : exported(file.getInputStream(descriptor));
        assertThat(file.stream().map(entry -> packageOf(entry.getName())).distinct())
            .as(module)
            .hasSizeGreaterThan(0)
            .allMatch(
                name ->
                    descriptor == null
                        ? name.startsWith("dev.unroll.")
                        : name.isEmpty() || packages.contains(name));
      }
    }
  }

  /** The modules that others depend on. */
  private static List<String> published() {
    return Sources.MODULES.stream()
        .filter(
            module ->
                Sources.read(Sources.root().resolve(module).resolve("pom.xml"))
                    .contains("<japicmp.skip>false</japicmp.skip>"))
        .toList();
  }

  private static void write(Path classes, Path jar) throws IOException {
    Path descriptor = classes.resolve("module-info.class");
    Predicate<String> exported =
        Files.exists(descriptor)
            ? exported(Files.newInputStream(descriptor))::contains
            : name -> true;
    Files.createDirectories(jar.getParent());
    try (Stream<Path> files = Files.walk(classes);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace('\\', '/');
        byte[] bytes = Files.readAllBytes(file);
        ClassModel model = ClassFile.of().parse(bytes);
        if (!model.isModuleInfo()) {
          if (!exported.test(packageOf(name)) || !visible(model.flags())) {
            continue;
          }
          bytes = withoutCode(model);
        }
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
      }
    }
  }

  private static byte[] withoutCode(ClassModel model) {
    ClassFile format =
        ClassFile.of(
            ClassFile.DebugElementsOption.DROP_DEBUG, ClassFile.ConstantPoolSharingOption.NEW_POOL);
    return format.transformClass(
        model,
        (builder, element) -> {
          switch (element) {
            case MethodModel method when !visible(method.flags()) -> {}
            case FieldModel field when !visible(field.flags()) -> {}
            case MethodModel method ->
                builder.transformMethod(
                    method,
                    (inner, part) -> {
                      if (!(part instanceof CodeAttribute)) {
                        inner.with(part);
                      }
                    });
            default -> builder.with(element);
          }
        });
  }

  private static boolean visible(AccessFlags flags) {
    return flags.has(AccessFlag.PUBLIC) || flags.has(AccessFlag.PROTECTED);
  }

  private static Set<String> exported(InputStream moduleInfo) throws IOException {
    try (moduleInfo) {
      return ModuleDescriptor.read(moduleInfo).exports().stream()
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static String packageOf(String entry) {
    int slash = entry.lastIndexOf('/');
    return slash < 0 ? "" : entry.substring(0, slash).replace('/', '.');
  }
}
