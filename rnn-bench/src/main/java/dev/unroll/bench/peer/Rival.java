package dev.unroll.bench.peer;

/**
 * The libraries that can be compared: ours first. The others' classes are compiled, and their
 * libraries fetched, only with Maven's profile {@code peers}.
 */
public enum Rival {
  /** This library. */
  UNROLL("Unroll", "UnrollPeer"),
  /** PyTorch's CPU build, through DJL. */
  PYTORCH("PyTorch 2.7.1", "PyTorchPeer"),
  /** Microsoft's inference runtime. */
  ONNX_RUNTIME("ONNX Runtime 1.29.0", "OnnxRuntimePeer"),
  /** The deep-learning library written for Java. */
  DEEPLEARNING4J("Deeplearning4j 1.0.0-M2.1", "Deeplearning4jPeer");

  private final String label;
  private final String className;

  Rival(String label, String simpleName) {
    this.label = label;
    this.className = Rival.class.getPackageName() + "." + simpleName;
  }

  /** Name and version, as tables show them. */
  public String label() {
    return label;
  }

  /** Whether the rival's class is on the class path. */
  public boolean isPresent() {
    try {
      Class.forName(className, false, Rival.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * Makes the rival's peer.
   *
   * @throws IllegalStateException if its class is not on the class path
   */
  public Peer create() {
    try {
      return Class.forName(className).asSubclass(Peer.class).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          label + " is not on the class path: run Maven with -Ppeers", e);
    }
  }
}
