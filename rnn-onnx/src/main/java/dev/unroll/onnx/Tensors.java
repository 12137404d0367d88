package dev.unroll.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.UnsafeByteOperations;
import dev.unroll.io.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code TensorProto}. Nothing is allocated before the data are known to fill the shape.
 */
final class Tensors {
  private Tensors() {}

  /** {@return our type of an ONNX data type, null where there is none} */
  static Tensor.@Nullable Type type(int dataType) {
    DataType known = DataType.forNumber(dataType);
    if (known == null) {
      return null;
    }
    return switch (known) {
      case DOUBLE -> Tensor.Type.F64;
      case FLOAT -> Tensor.Type.F32;
      case FLOAT16 -> Tensor.Type.F16;
      case BFLOAT16 -> Tensor.Type.BF16;
      case INT64 -> Tensor.Type.I64;
      case INT32 -> Tensor.Type.I32;
      case INT16 -> Tensor.Type.I16;
      case INT8 -> Tensor.Type.I8;
      case UINT8 -> Tensor.Type.U8;
      case BOOL -> Tensor.Type.BOOL;
      default -> null;
    };
  }

  /** As {@link #type}, with a sentence for all others. */
  static Tensor.Type requireType(int dataType, String what) {
    Tensor.Type type = type(dataType);
    if (type == null) {
      DataType known = DataType.forNumber(dataType);
      throw new IllegalArgumentException(
          what
              + " has the element type "
              + (known == null ? dataType : known)
              + ", but only float, double, float16, bfloat16, int64, int32, int16, int8, uint8 and"
              + " bool are read");
    }
    return type;
  }

  /**
   * {@return the tensor}
   *
   * @param proto what the file holds
   * @param what names it in a message
   * @throws IllegalArgumentException if it is of no known type, lies in another file or does not
   *     fill its shape
   */
  static Value read(TensorProto proto, String what) {
    Tensor.Type type = requireType(proto.getDataType(), what);
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || proto.getExternalDataCount() > 0) {
      throw new IllegalArgumentException(
          what
              + " lies in a file beside the model, which is not read: save the model with all its"
              + " data in one file");
    }
    if (proto.hasSegment()) {
      throw new IllegalArgumentException(what + " is one segment of a tensor, which is not read");
    }
    int[] shape = shape(proto.getDimsList(), what);
    long count = Value.count(shape);
    boolean raw = proto.hasRawData();
    long have = raw ? proto.getRawData().size() : elements(proto, type);
    long needed = raw ? (count == Long.MAX_VALUE ? count : count * type.bytes()) : count;
    if (have != needed) {
      throw new IllegalArgumentException(
          what
              + " of shape "
              + proto.getDimsList()
              + " has "
              + have
              + (raw ? " bytes" : " elements")
              + " of data, but needs "
              + (needed == Long.MAX_VALUE ? "more than a Java array holds" : needed));
    }
    if (raw) {
      return Value.of(Tensor.of(type, proto.getRawData().toByteArray(), shape));
    }
    int n = (int) count;
    return switch (type) {
      case F64 -> floats(type, n, proto::getDoubleData, shape);
      case F32 -> floats(type, n, proto::getFloatData, shape);
      case F16 -> floats(type, n, i -> Float.float16ToFloat((short) proto.getInt32Data(i)), shape);
      case BF16 -> floats(type, n, i -> Float.intBitsToFloat(proto.getInt32Data(i) << 16), shape);
      case I64 -> longs(type, n, proto::getInt64Data, shape);
      default -> longs(type, n, proto::getInt32Data, shape);
    };
  }

  private static int elements(TensorProto proto, Tensor.Type type) {
    return switch (type) {
      case F64 -> proto.getDoubleDataCount();
      case F32 -> proto.getFloatDataCount();
      case I64 -> proto.getInt64DataCount();
      default -> proto.getInt32DataCount();
    };
  }

  private static Value floats(Tensor.Type type, int n, IntToDoubleFunction at, int[] shape) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) at.applyAsDouble(i);
    }
    return Value.of(type, values, shape);
  }

  private static Value longs(Tensor.Type type, int n, IntToLongFunction at, int[] shape) {
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = at.applyAsLong(i);
    }
    return Value.of(type, values, shape);
  }

  /** {@return dimensions as a shape, after a check of each} */
  static int[] shape(List<Long> dimensions, String what) {
    if (dimensions.size() > Value.MOST_DIMENSIONS) {
      throw new IllegalArgumentException(
          what
              + " has "
              + dimensions.size()
              + " dimensions; at most "
              + Value.MOST_DIMENSIONS
              + " are read");
    }
    for (long dimension : dimensions) {
      if (dimension < 0 || dimension > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            what
                + " has the shape "
                + dimensions
                + ", but each dimension must be 0 to "
                + Integer.MAX_VALUE);
      }
    }
    return dimensions.stream().mapToInt(Long::intValue).toArray();
  }

  /** {@return a tensor for a file} */
  static TensorProto write(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return TensorProto.newBuilder()
        .setName(name)
        .addAllDims(Arrays.stream(shape).boxed().toList())
        .setDataType(DataType.FLOAT.getNumber())
        .setRawData(UnsafeByteOperations.unsafeWrap(bytes))
        .build();
  }

  /** {@return a tensor of integers for a file} */
  static TensorProto write(String name, long[] values) {
    return TensorProto.newBuilder()
        .setName(name)
        .addDims(values.length)
        .setDataType(DataType.INT64.getNumber())
        .addAllInt64Data(Arrays.stream(values).boxed().toList())
        .build();
  }
}
