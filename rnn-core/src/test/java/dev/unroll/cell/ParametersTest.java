package dev.unroll.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ParametersTest {
  private final Parameters parameters = new Parameters();

  @Test
  void slicesLieOneAfterAnother() {
    parameters.add("a", 2, 3);
    Parameters.Slice b = parameters.add("b", 4);
    assertThat(b).isEqualTo(new Parameters.Slice("b", 6, List.of(4)));
    assertThat(b.size()).isEqualTo(4);
    assertThat(parameters.size()).isEqualTo(10);
    assertThat(parameters.slices()).containsExactly(parameters.slice("a"), b);
  }

  /** Arrays of these sizes would not fit into the memory of a test. */
  @Test
  void addingAllocatesNothingAndStopsAtWhatAnArrayHolds() {
    parameters.add("a", 1 << 15, 1 << 15);
    parameters.add("b", 1 << 29);
    assertThat(parameters.size()).isEqualTo(3 << 29);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parameters.add("c", 1 << 20, 1 << 20, 1 << 30))
        .withMessageContaining("'c' of shape [1048576, 1048576, 1073741824] does not fit")
        .withMessageContaining("1610612736");
  }

  @Test
  void arraysKeepTheirIdentityOnceHandedOut() {
    parameters.add("a", 2);
    float[] values = parameters.values();
    assertThatIllegalStateException()
        .isThrownBy(() -> parameters.add("b", 2))
        .withMessageContaining("'b' comes too late");
    assertThat(parameters.values()).isSameAs(values).hasSize(2);
    assertThat(parameters.gradients()).hasSize(2);
  }

  @Test
  void gradientsCanBeCleared() {
    parameters.add("a", 2);
    parameters.gradients()[1] = 3;
    parameters.zeroGradients();
    assertThat(parameters.gradients()).containsOnly(0);
  }

  @Test
  void versionGrowsWithEachChange() {
    long version = parameters.version();
    parameters.changed();
    assertThat(parameters.version()).isGreaterThan(version);
  }

  @Test
  void refusesWrongNamesAndShapes() {
    parameters.add("a", 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parameters.add("a", 3))
        .withMessageContaining("'a' exists already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parameters.add("b", 3, 0))
        .withMessageContaining("'b' has shape [3, 0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parameters.slice("c"))
        .withMessage("No parameter is named 'c'; there are a.");
  }
}
