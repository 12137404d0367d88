package dev.unroll.bench.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.unroll.bench.layer.Shape;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Many streams through one session of ONNX Runtime, which may hold any number: each stream has its
 * states as floats of Java, which are gathered into the buffers of a call and scattered from them.
 * Tensors over those buffers are made once for each size of batch.
 */
final class OnnxStreams implements StreamServer {
  private final OrtSession session;
  private final Shape shape;

  /** h and, of an LSTM, c. */
  private final List<String> states;

  private final FloatBuffer x;

  /** For each state. */
  private final FloatBuffer[] before;

  private final FloatBuffer[] after;

  /** For each stream its states, {@code [H]}. */
  private final List<float[][]> streams = new ArrayList<>();

  /** For each size of batch. */
  private final @Nullable Tensors[] tensors;

  private record Tensors(Map<String, OnnxTensor> in, Map<String, OnnxTensor> out) {}

  OnnxStreams(OrtSession session, Shape shape, int largest) {
    this.session = session;
    this.shape = shape;
    states = session.getInputNames().contains("c_0") ? List.of("h", "c") : List.of("h");
    x = OnnxRuntimePeer.direct(largest * shape.inputSize());
    before = new FloatBuffer[states.size()];
    after = new FloatBuffer[states.size()];
    for (int i = 0; i < before.length; i++) {
      before[i] = OnnxRuntimePeer.direct(largest * shape.hiddenSize());
      after[i] = OnnxRuntimePeer.direct(largest * shape.hiddenSize());
    }
    tensors = new Tensors[largest + 1];
  }

  @Override
  public void open(int count) {
    for (int i = 0; i < count; i++) {
      streams.add(new float[states.size()][shape.hiddenSize()]);
    }
  }

  @Override
  public void step(int[] numbers, int count, float[] inputs, float[] y) throws OrtException {
    Tensors bound = tensors[count];
    if (bound == null) {
      bound = bind(count);
      tensors[count] = bound;
    }
    int hidden = shape.hiddenSize();
    x.put(0, inputs, 0, count * shape.inputSize());
    for (int i = 0; i < count; i++) {
      float[][] stream = streams.get(numbers[i]);
      for (int s = 0; s < before.length; s++) {
        before[s].put(i * hidden, stream[s]);
      }
    }
    session.run(bound.in, bound.out).close();
    for (int i = 0; i < count; i++) {
      float[][] stream = streams.get(numbers[i]);
      for (int s = 0; s < after.length; s++) {
        after[s].get(i * hidden, stream[s]);
      }
    }
    after[0].get(0, y, 0, count * hidden);
  }

  private Tensors bind(int count) throws OrtException {
    Map<String, OnnxTensor> in = new LinkedHashMap<>();
    Map<String, OnnxTensor> out = new LinkedHashMap<>();
    in.put("x", tensor(x, count, shape.inputSize()));
    for (int s = 0; s < before.length; s++) {
      in.put(states.get(s) + "_0", tensor(before[s], count, shape.hiddenSize()));
      out.put(states.get(s) + "_n", tensor(after[s], count, shape.hiddenSize()));
    }
    return new Tensors(in, out);
  }

  /** Over the first rows of a buffer. */
  private static OnnxTensor tensor(FloatBuffer buffer, int count, int width) throws OrtException {
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(),
        buffer.duplicate().limit(count * width),
        new long[] {1, count, width});
  }

  @Override
  public void close() {
    try {
      for (Tensors bound : tensors) {
        if (bound != null) {
          bound.in.values().forEach(OnnxTensor::close);
          bound.out.values().forEach(OnnxTensor::close);
        }
      }
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime did not close its session", e);
    }
  }
}
