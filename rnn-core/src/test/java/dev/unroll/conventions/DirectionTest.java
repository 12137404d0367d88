package dev.unroll.conventions;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.Predefined;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Who may know whom: {@code bench} and {@code experiments} know {@code core} and {@code report},
 * which know nobody; in the core {@code verify -> train -> run -> cell -> kernel}. The other
 * modules have a test of this name for their own packages.
 */
class DirectionTest {
  private static final Pattern OURS =
      Pattern.compile("<groupId>dev\\.unroll</groupId>\\s*<artifactId>([^<]+)</artifactId>");

  /** Of the tests, only what checks the library: it is used by other modules too. */
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(
              location ->
                  Predefined.DO_NOT_INCLUDE_TESTS.includes(location)
                      || location.contains("/dev/unroll/verify/"))
          .importPackages("dev.unroll");

  @Test
  void eachPackageOfTheCoreKnowsOnlyThoseBelowIt() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("verify")
        .definedBy("dev.unroll.verify..")
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
        .whereLayer("verify")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("dynamics")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("train")
        .mayOnlyBeAccessedByLayers("verify")
        .whereLayer("io")
        .mayOnlyBeAccessedByLayers("verify")
        .whereLayer("run")
        .mayOnlyBeAccessedByLayers("train", "dynamics", "verify")
        .whereLayer("cell")
        .mayOnlyBeAccessedByLayers("run", "train", "io", "dynamics", "verify")
        .whereLayer("kernel")
        .mayOnlyBeAccessedByLayers("cell", "run", "train")
        .ensureAllClassesAreContainedInArchitecture()
        .check(CORE);
  }

  @Test
  void packagesOfTheCoreHaveNoCycle() {
    slices().matching("dev.unroll.(**)").should().beFreeOfCycles().check(CORE);
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
