package dev.unroll.conventions;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom: {@code bench} and {@code experiments} know {@code core} and {@code report},
 * which know nobody; in the core {@code train -> run -> cell -> kernel}. The other modules have a
 * test of this name for their own packages.
 */
class DirectionTest {
  private static final Pattern OURS =
      Pattern.compile("<groupId>dev\\.unroll</groupId>\\s*<artifactId>([^<]+)</artifactId>");

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
  void modulesKnowOnlyThoseBelowThem() {
    Map<String, List<String>> below =
        Map.of(
            "rnn-core", List.of(),
            "rnn-report", List.of(),
            "rnn-bench", List.of("rnn-core", "rnn-report"),
            "rnn-experiments", List.of("rnn-core", "rnn-report"));
    for (String module : Sources.MODULES) {
      String pom = Sources.read(Sources.root().resolve(module).resolve("pom.xml"));
      assertThat(
              OURS.matcher(pom.substring(pom.indexOf("</parent>")))
                  .results()
                  .map(dependency -> dependency.group(1)))
          .as(module)
          .isSubsetOf(below.get(module));
    }
  }
}
