package dev.unroll.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.OneDnn.Tensor;
import dev.unroll.report.run.InputException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OneDnnTest {
  static Stream<Arguments> layers() {
    return Stream.of(false, true)
        .flatMap(
            bf16 ->
                Stream.of("rnn_tanh", "rnn_relu", "lstm", "gru")
                    .flatMap(
                        cell ->
                            Stream.of(Mode.values())
                                .flatMap(
                                    mode ->
                                        Stream.of(
                                            Arguments.of(bf16, cell, mode, "1,9,32,32", 1),
                                            Arguments.of(bf16, cell, mode, "7,5,37,100", 2),
                                            Arguments.of(bf16, cell, mode, "16,1,5,17", 1)))));
  }

  /** A library that is nowhere, one without dnnl_version, and a function that no library has. */
  @Test
  void saysInASentenceWhyItCannotBeUsed() {
    assertThatThrownBy(() -> new OneDnn(List.of("libnothing.so.7"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "oneDNN is not compared: libnothing.so.7 is not on this system; install libdnnl2"
                + " (Debian 12 has version 2.6) and run this again");
    assumeTrue(System.getProperty("os.name", "").equals("Linux"), "libm.so.6 is Linux's");
    assertThatThrownBy(() -> new OneDnn(List.of("libm.so.6"), List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("libm.so.6 has no dnnl_version");
    assumeOneDnn();
    assertThatThrownBy(() -> new OneDnn(OneDnn.NAMES, List.of("dnnl_nothing")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no function dnnl_nothing");
  }

  @Test
  void aStatusThatIsNotSuccessNamesTheFunction() {
    assumeOneDnn();
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> OneDnn.open().descriptor(arena, OneDnn.F32, OneDnn.TNC, 1, -2, 3))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("dnnl_memory_desc_init_by_tag of oneDNN failed: invalid arguments");
    }
  }

  @Test
  void copiesBetweenFormats() {
    assumeOneDnn();
    float[] values = {1, 2, 3, 4, 5, 6};
    try (Arena arena = Arena.ofConfined()) {
      OneDnn library = OneDnn.open();
      Tensor plain = library.tensor(arena, OneDnn.LDGOI, values, 1, 1, 3, 1, 2);
      assertThat(library.read(plain, OneDnn.LDIGO, 1, 1, 3, 1, 2))
          .containsExactly(1, 4, 2, 5, 3, 6);
    }
  }

  private static void assumeOneDnn() {
    String absent = new OneDnnPeer(false).absent().orElse("");
    assumeTrue(absent.isEmpty(), absent);
  }

  /** Twice: a second step must not add to the gradients of the first. */
  @ParameterizedTest
  @MethodSource("layers")
  void givesOurAnswers(boolean bf16, String cell, Mode mode, String shape, int threads) {
    Peer peer = new OneDnnPeer(bf16);
    String absent = peer.absent().orElse("");
    assumeTrue(absent.isEmpty(), absent);
    Workload workload = new Workload(cell, mode, Shape.parse(shape), threads);
    assumeTrue(peer.supports(workload), "not compared");
    Operands operands = Operands.of(workload, 1);
    try (Peer.Layer ours = UnrollPeer.verified(workload, operands);
        Peer.Layer theirs = peer.prepare(workload, operands)) {
      theirs.run();
      theirs.run();
      Checks.agree(workload, ours.results(), peer.label(), theirs.results(), peer.tolerance());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
