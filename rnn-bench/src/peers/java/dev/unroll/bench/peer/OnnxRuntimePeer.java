package dev.unroll.bench.peer;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.unroll.bench.layer.Checks;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * ONNX Runtime, forward only: a model of one node, or where it has no operator a Scan. Input and
 * output tensors lie in direct buffers bound to each call, so nothing is copied. Threads spin
 * between calls, as is the runtime's default.
 */
public final class OnnxRuntimePeer implements Peer {
  /** Activations are bytes there too. */
  private static final double BYTES_TOLERANCE = .05;

  private final boolean bytes;

  /** Makes a peer that has to be prepared. */
  public OnnxRuntimePeer() {
    this(false);
  }

  /** Makes a peer whose weights are bytes, if so wanted: DynamicQuantizeLSTM. */
  private OnnxRuntimePeer(boolean bytes) {
    this.bytes = bytes;
  }

  @Override
  public String label() {
    return "ONNX Runtime 1.29.0" + (bytes ? " int8" : "");
  }

  @Override
  public Optional<Peer> withBytes() {
    return Optional.of(new OnnxRuntimePeer(true));
  }

  @Override
  public double tolerance() {
    return bytes ? BYTES_TOLERANCE : Checks.TOLERANCE;
  }

  @Override
  public boolean supports(Workload workload) {
    return workload.mode() == Mode.FORWARD
        && (bytes ? workload.cell().equals("lstm") : Recurrences.isOffered(workload.cell()));
  }

  @Override
  public Layer prepare(Workload workload, Operands operands) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession session = session(model(workload, operands), workload.threads());
    Shape s = workload.shape();
    FloatBuffer xBuffer = direct(operands.x().length).put(operands.x()).rewind();
    OnnxTensor x =
        OnnxTensor.createTensor(
            environment, xBuffer, new long[] {s.steps(), s.batch(), s.inputSize()});
    FloatBuffer yBuffer = direct(s.steps() * s.batch() * workload.outputs());
    String name = session.getOutputNames().iterator().next();
    NodeInfo info = session.getOutputInfo().get(name);
    long[] shape = ((TensorInfo) Objects.requireNonNull(info).getInfo()).getShape();
    OnnxTensor y = OnnxTensor.createTensor(environment, yBuffer, shape);
    return new OnnxLayer(session, x, y, yBuffer, name);
  }

  private ModelProto model(Workload workload, Operands operands) {
    if (Recurrences.has(workload.cell())) {
      return OnnxLoop.pass(workload, operands);
    }
    return bytes ? OnnxNode.passWithBytes(workload, operands) : OnnxNode.pass(workload, operands);
  }

  @Override
  public Optional<StreamServer> serve(Workload workload, Operands operands, int largest)
      throws OrtException {
    return bytes || Recurrences.has(workload.cell())
        ? Optional.empty()
        : Optional.of(
            new OnnxStreams(
                session(OnnxNode.step(workload, operands), 1), workload.shape(), largest));
  }

  private static OrtSession session(ModelProto model, int threads) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      return OrtEnvironment.getEnvironment().createSession(model.toByteArray(), options);
    }
  }

  static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private record OnnxLayer(
      OrtSession session, OnnxTensor x, OnnxTensor y, FloatBuffer yBuffer, String name)
      implements Layer {
    @Override
    public void run() throws OrtException {
      session.run(Map.of("x", x), Map.of(name, y)).close();
    }

    @Override
    public Map<String, float[]> results() {
      float[] values = new float[yBuffer.capacity()];
      yBuffer.get(0, values);
      return Map.of("y", values);
    }

    @Override
    public void close() {
      try {
        x.close();
        y.close();
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime did not close its session", e);
      }
    }
  }
}
