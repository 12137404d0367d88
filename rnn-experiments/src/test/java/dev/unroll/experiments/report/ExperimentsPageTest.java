package dev.unroll.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.notebook.Notebooks;
import dev.unroll.experiments.paper.Papers;
import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.report.run.Json;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExperimentsPageTest {
  private static Result result(String happened, Figure... figures) {
    return new Result(
        "x",
        "run x",
        false,
        List.of(1L),
        Json.COMPACT.createObjectNode(),
        new Result.Story("?", "", "", happened, ""),
        List.of(figures),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        new Result.Verdict("inside", ""));
  }

  @Test
  void everyExperimentHasATask() {
    assertThat(ExperimentsPage.tasks().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Notebooks.ALL.stream(), Papers.ALL.stream())
                .map(Experiment::name)
                .toList());
  }

  @Test
  void anAnswerTakesItsFiguresFromTheResult() {
    Figure gru =
        Figure.of("best_score", Map.of("cell", "gru:chrono", "T", 20), "steps", 1, 2, 2, 3);
    Result result = result("It differs. More.", gru, Figure.of("one", Map.of(), "", 12.5));
    assertThat(Answer.filled("{best_score; cell=gru:chrono; T=20} of {one}. {happened}", result))
        .isEqualTo("2 [0.701, 3.3] of 12.5. It differs.");
    assertThatThrownBy(() -> Answer.filled("{best_score; cell=lstm}", result))
        .isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void withoutAnAnswerTheOwnTextIsTaken() {
    assertThat(Answer.of(result("It is 0.5 [0.4, 0.6]. More."))).isEqualTo("It is 0.5 [0.4, 0.6].");
    assertThat(Answer.of(result("It grows. By 2 [1, 3] each. More.")))
        .isEqualTo("It grows. By 2 [1, 3] each.");
    assertThat(Answer.of(result("It is one. More."))).isEqualTo("It is one.");
  }

  @Test
  void aLongAnswerEndsAtAPause() {
    String answer = Answer.of(result("first; ".repeat(100)));
    assertThat(answer).hasSizeLessThan(310).endsWith("first …");
  }
}
