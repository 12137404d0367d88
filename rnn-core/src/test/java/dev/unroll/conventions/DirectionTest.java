package dev.unroll.conventions;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom: {@code experiments -> core <- bench}, and in the core {@code train -> run ->
 * cell -> kernel}.
 */
class DirectionTest {
  @Test
  void eachPackageOfTheCoreKnowsOnlyThoseBelowIt() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("dynamics")
        .definedBy("dev.unroll.dynamics..")
        .layer("train")
        .definedBy("dev.unroll.train..")
        .layer("run")
        .definedBy("dev.unroll.run..")
        .layer("cell")
        .definedBy("dev.unroll.cell..")
        .layer("kernel")
        .definedBy("dev.unroll.kernel..")
        .layer("io")
        .definedBy("dev.unroll.io..")
        .whereLayer("dynamics")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("train")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("io")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("run")
        .mayOnlyBeAccessedByLayers("train", "dynamics")
        .whereLayer("cell")
        .mayOnlyBeAccessedByLayers("run", "train", "io", "dynamics")
        .whereLayer("kernel")
        .mayOnlyBeAccessedByLayers("cell", "run", "train")
        .ensureAllClassesAreContainedInArchitecture()
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.unroll"));
  }

  @Test
  void modulesKnowOnlyTheCore() {
    Map<String, List<String>> strangers =
        Map.of(
            "rnn-core", List.of("dev.unroll.bench", "dev.unroll.experiments"),
            "rnn-bench", List.of("dev.unroll.experiments"),
            "rnn-experiments", List.of("dev.unroll.bench"));
    List<String> violations = new ArrayList<>();
    strangers.forEach(
        (module, packages) -> {
          for (Path file : Sources.java(module, "main", "verify")) {
            String source = Sources.read(file);
            packages.stream()
                .filter(source::contains)
                .forEach(name -> violations.add(file.getFileName() + " knows " + name));
          }
        });
    assertThat(violations).isEmpty();
  }
}
