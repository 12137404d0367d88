package dev.unroll.bench.peer;

import dev.unroll.run.WeightFormat;
import java.util.Optional;

/**
 * The libraries that are compared, ours first; one that has weights of fewer bits comes once more
 * with them. The classes of most others are compiled, and their libraries fetched, only with
 * Maven's profile {@code peers}; oneDNN is the system's.
 */
public enum Library {
  /** This one. */
  UNROLL,
  /** This one with weights of 16 bits, for inference. */
  UNROLL_BF16,
  /** This one with weights of 8 bits, for inference. */
  UNROLL_INT8,
  /** PyTorch. */
  PYTORCH,
  /** ONNX Runtime. */
  ONNX_RUNTIME,
  /** ONNX Runtime with weights of 8 bits. */
  ONNX_RUNTIME_INT8,
  /** Deeplearning4j. */
  DEEPLEARNING4J,
  /** oneDNN. */
  ONEDNN,
  /** oneDNN that computes with numbers of 16 bits. */
  ONEDNN_BF16;

  /** The library; none if it is not on the class path. */
  public Optional<Peer> peer() {
    return switch (this) {
      case UNROLL -> Optional.of(new UnrollPeer());
      case UNROLL_BF16 -> Optional.of(new UnrollPeer(WeightFormat.BF16));
      case UNROLL_INT8 -> Optional.of(new UnrollPeer(WeightFormat.INT8));
      case PYTORCH -> fetched("PyTorchPeer");
      case ONNX_RUNTIME -> fetched("OnnxRuntimePeer");
      case ONNX_RUNTIME_INT8 -> fetched("OnnxRuntimePeer").flatMap(Peer::withBytes);
      case DEEPLEARNING4J -> fetched("Deeplearning4jPeer");
      case ONEDNN -> Optional.of(new OneDnnPeer(false));
      case ONEDNN_BF16 -> Optional.of(new OneDnnPeer(true));
    };
  }

  private static Optional<Peer> fetched(String name) {
    try {
      return Optional.of(
          Class.forName(Library.class.getPackageName() + "." + name)
              .asSubclass(Peer.class)
              .getDeclaredConstructor()
              .newInstance());
    } catch (ClassNotFoundException withoutProfile) {
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name + " cannot be made", e);
    }
  }
}
