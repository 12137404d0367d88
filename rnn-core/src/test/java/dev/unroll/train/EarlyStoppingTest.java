package dev.unroll.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unroll.cell.Parameters;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  private final Parameters parameters = new Parameters();

  EarlyStoppingTest() {
    parameters.add("w", 2);
  }

  /** After each update the parameters are its number. */
  private void update(EarlyStopping stopping, int number, double loss, boolean best, boolean stop) {
    parameters.values()[0] = number;
    parameters.values()[1] = -number;
    assertThat(stopping.update(loss)).as("update %d", number).isEqualTo(best);
    assertThat(stopping.stop()).as("update %d", number).isEqualTo(stop);
  }

  @Test
  void stopsWhenPatienceEndsAndGivesTheBestBack() {
    EarlyStopping stopping = new EarlyStopping(parameters, 2, 0);
    update(stopping, 1, 3, true, false);
    update(stopping, 2, 4, false, false);
    update(stopping, 3, 2, true, false);
    update(stopping, 4, 2, false, false);
    update(stopping, 5, Double.NaN, false, true);
    assertThat(stopping.best()).isEqualTo(2);
    assertThat(stopping.bestUpdate()).isEqualTo(3);
    long version = parameters.version();
    stopping.restore();
    assertThat(parameters.values()).containsExactly(3, -3);
    assertThat(parameters.version()).isGreaterThan(version);
  }

  /** Falls that are too small are no progress, each by itself; together they are. */
  @Test
  void progressIsMeasuredFromTheLastProgress() {
    EarlyStopping stopping = new EarlyStopping(parameters, 2, 1);
    update(stopping, 1, 10, true, false);
    update(stopping, 2, 9.5, true, false);
    update(stopping, 3, 8.5, true, false);
    update(stopping, 4, 8, true, false);
    update(stopping, 5, 7.5, true, true);
    stopping.restore();
    assertThat(parameters.values()).containsExactly(5, -5);
  }

  @Test
  void withoutAFiniteLossTheParametersGoBackToTheBeginning() {
    EarlyStopping stopping = new EarlyStopping(parameters, 1, 0);
    update(stopping, 1, Double.NaN, false, true);
    assertThat(stopping.bestUpdate()).isZero();
    stopping.restore();
    assertThat(parameters.values()).containsExactly(0, 0);
  }

  @Test
  void refusesNumbersOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EarlyStopping(parameters, 0, 0))
        .withMessage("The patience is 0: at least 1 evaluation is needed.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EarlyStopping(parameters, 1, -1))
        .withMessageContaining("minDelta is -1.0");
  }
}
