package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import dev.unroll.report.run.InputException;
import java.util.Objects;
import java.util.Optional;

/**
 * oneDNN itself, the library below PyTorch's LSTM, of the system and called without anything in
 * between. Weights lie in the blocks that its primitives ask for: packed once for inference, and in
 * each training step, as ours are. Its scratchpad is allocated once. With numbers of 16 bits (bf16)
 * x and the weights are rounded before anything is timed; its sums and gradients stay float.
 */
final class OneDnnPeer implements Peer {
  /** Numbers of 8 significant bits, rounded at every step of a long sum of errors. */
  private static final double BF16_TOLERANCE = 3e-2;

  private final boolean bf16;

  OneDnnPeer(boolean bf16) {
    this.bf16 = bf16;
  }

  @Override
  public Optional<String> absent() {
    try {
      boolean hasBf16 = OneDnn.open().hasBf16();
      return bf16 && !hasBf16
          ? Optional.of(
              "oneDNN in bf16 is not compared: this processor has no product of such numbers")
          : Optional.empty();
    } catch (InputException e) {
      return Optional.of(Objects.requireNonNull(e.getMessage()));
    }
  }

  @Override
  public String label() {
    return "oneDNN " + OneDnn.open().version() + (bf16 ? " bf16" : "");
  }

  @Override
  public double tolerance() {
    return bf16 ? BF16_TOLERANCE : Checks.TOLERANCE;
  }

  @Override
  public boolean supports(Workload workload) {
    // Rounded to 16 bits, some value before a ReLU has another sign, and its gradients differ.
    boolean rounds = bf16 && workload.mode() == Mode.TRAINING;
    return Recurrences.isOperator(workload.cell())
        && !(rounds && workload.cell().equals("rnn_relu"));
  }

  @Override
  public Layer prepare(Workload workload, Operands operands) {
    OneDnn library = OneDnn.open();
    library.threads(workload.threads());
    return new OneDnnLayer(library, workload, operands, bf16 ? OneDnn.BF16 : OneDnn.F32);
  }
}
