package dev.unroll.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.unroll.io.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime, the second opinion. */
final class Ort {
  private Ort() {}

  /** Runs a model once. */
  static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> given = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      try (OrtSession session = environment.createSession(model, options)) {
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
          given.put(input.getKey(), tensor(environment, input.getValue()));
        }
        Map<String, Tensor> results = new LinkedHashMap<>();
        try (OrtSession.Result result = session.run(given)) {
          for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
            results.put(output.getKey(), tensor((OnnxTensor) output.getValue()));
          }
        }
        return results;
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Tensor tensor) throws OrtException {
    long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
    return switch (tensor.type()) {
      case F32 -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), shape);
      case F64 -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(tensor.doubles()), shape);
      case I64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), shape);
      case I32 ->
          OnnxTensor.createTensor(
              environment,
              IntBuffer.wrap(Arrays.stream(tensor.longs()).mapToInt(v -> (int) v).toArray()),
              shape);
      default -> throw new IllegalArgumentException("no tensor of " + tensor.type());
    };
  }

  private static Tensor tensor(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    int[] shape = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    return switch (info.type) {
      case FLOAT -> Tensor.of(tensor.getFloatBuffer().array(), shape);
      case DOUBLE -> Tensor.of(tensor.getDoubleBuffer().array(), shape);
      case INT64 -> Tensor.of(tensor.getLongBuffer().array(), shape);
      default -> throw new IllegalArgumentException("no tensor of " + info.type);
    };
  }
}
