package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.experiments.claim.Claim;
import dev.unroll.experiments.claim.Claims;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.page.Resources;
import dev.unroll.report.run.Results;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FamilyTest {
  // Surefire runs in the module's folder.
  private static final Family COMMITTED =
      Family.under(Path.of("..").resolve(Results.reference("experiments")));

  @Test
  void aRemarkIsAboutAClaimThatThereIs() {
    for (String key :
        Resources.properties(Family.class, "claims.properties").stringPropertyNames()) {
      String[] name = key.split("\\.", 2);
      assertThat(Claims.of(name[0]).claims()).extracting(Claim::id).contains(name[1]);
    }
  }

  @Test
  void aClaimThatTwoRunsJudgedCountsOnceWithTheNewerVerdict() {
    List<Result.Claim> once = COMMITTED.once();
    List<Result.Claim> newer =
        COMMITTED.runs().stream()
            .filter(run -> run.endsWith("learned-dynamics"))
            .flatMap(run -> COMMITTED.result(run).claims().stream())
            .toList();
    assertThat(once).containsAll(newer);
    assertThat(once.stream().filter(one -> one.id().equals("memory-exponent"))).hasSize(1);
    assertThat(new HashSet<>(once)).hasSizeGreaterThan(newer.size());
  }
}
