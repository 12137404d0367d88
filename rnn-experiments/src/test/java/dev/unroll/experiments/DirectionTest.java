package dev.unroll.experiments;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each package knows only those that stand after it. */
class DirectionTest {
  private static final List<String> DOWNWARDS =
      List.of(
          "dev.unroll.experiments",
          "dev.unroll.experiments.notebook",
          "dev.unroll.experiments.paper",
          "dev.unroll.experiments.task",
          "dev.unroll.experiments.harness",
          "dev.unroll.experiments.report",
          "dev.unroll.experiments.result");

  @Test
  void eachPackageKnowsOnlyThoseBelowIt() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.unroll.experiments");
    assertThat(classes).extracting(JavaClass::getPackageName).isSubsetOf(DOWNWARDS);
    for (int i = 1; i < DOWNWARDS.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(DOWNWARDS.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(DOWNWARDS.subList(0, i).toArray(String[]::new))
          .check(classes);
    }
  }
}
