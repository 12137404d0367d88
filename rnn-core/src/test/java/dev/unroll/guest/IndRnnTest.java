package dev.unroll.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.io.Safetensors;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.run.Workspace;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cell in the easy form against PyTorch. */
@Tag("widths")
class IndRnnTest {
  private static void assertClose(float[] actual, float[] expected) {
    double magnitude = 0;
    for (float value : expected) {
      magnitude = Math.max(magnitude, Math.abs(value));
    }
    assertThat(actual).containsExactly(expected, within((float) (1e-6 * magnitude)));
  }

  /** A file made by PyTorch in double precision. */
  @Test
  void matchesPyTorch() throws IOException, URISyntaxException {
    Safetensors golden =
        Safetensors.read(
            Path.of(
                Objects.requireNonNull(
                        IndRnnTest.class.getResource("/guest/indrnn_tiny.safetensors"))
                    .toURI()));
    int steps = golden.shape("x", 3).get(0);
    int batch = golden.shape("x", 3).get(1);
    RecurrentConfig config =
        RecurrentConfig.of(
            new IndRnn(), golden.shape("x", 3).get(2), golden.shape("weight_hh", 1).get(0));
    Parameters parameters = new Parameters();
    Recurrent network = new Recurrent(parameters, "", config);
    for (Slice slice : parameters.slices()) {
      float[] values = golden.tensor(slice.name().replace("_l0", "")).floats();
      System.arraycopy(values, 0, parameters.values(), slice.offset(), values.length);
    }
    parameters.changed();
    float[] x = golden.tensor("x").floats();
    float[] y = new float[steps * batch * config.hiddenSize()];
    float[] gradX = new float[x.length];
    State last = State.zeros(config, batch);
    State gradInitial = State.zeros(config, batch);
    Workspace workspace = network.workspace(steps, batch, true, Team.single());
    network.forward(workspace, x, state(golden, "h0"), null, y, last);
    network.backward(
        workspace,
        x,
        golden.tensor("grad_y").floats(),
        state(golden, "grad_h_n"),
        gradX,
        gradInitial);
    assertClose(y, golden.tensor("y").floats());
    assertClose(last.h(), golden.tensor("h_n").floats());
    assertClose(gradX, golden.tensor("grad.x").floats());
    assertClose(gradInitial.h(), golden.tensor("grad.h0").floats());
    assertThat(parameters.slices().stream().map(Slice::name))
        .containsExactly("weight_ih_l0", "bias_ih_l0", "weight_hh_l0");
    for (Slice slice : parameters.slices()) {
      int to = slice.offset() + slice.size();
      assertClose(
          Arrays.copyOfRange(parameters.gradients(), slice.offset(), to),
          golden.tensor("grad." + slice.name().replace("_l0", "")).floats());
    }
  }

  private static State state(Safetensors golden, String name) {
    return State.of(new IndRnn(), golden.tensor(name).floats());
  }
}
