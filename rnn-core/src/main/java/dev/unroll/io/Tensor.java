package dev.unroll.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor as it is stored in a safetensors file: an element type, a shape and little-endian bytes,
 * row-major.
 */
public final class Tensor {
  /** An element type under the format's own name. */
  public enum Type {
    /** IEEE 754 binary64. */
    F64(8),
    /** IEEE 754 binary32. */
    F32(4),
    /** IEEE 754 binary16. */
    F16(2),
    /** The upper half of an F32. */
    BF16(2),
    /** 64-bit integer. */
    I64(8),
    /** 32-bit integer. */
    I32(4),
    /** 16-bit integer. */
    I16(2),
    /** 8-bit integer. */
    I8(1),
    /** Unsigned 8-bit integer. */
    U8(1),
    /** One byte, 0 or 1. */
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** {@return the size of an element in bytes} */
    public int bytes() {
      return bytes;
    }

    /** {@return whether it is one of the floating-point types} */
    public boolean isFloatingPoint() {
      return this == F64 || this == F32 || this == F16 || this == BF16;
    }
  }

  private final Type type;
  private final List<Integer> shape;
  private final ByteBuffer data;

  /** Takes the bytes without a copy; the caller has checked that they fit type and shape. */
  Tensor(Type type, List<Integer> shape, byte[] bytes) {
    this.type = type;
    this.shape = List.copyOf(shape);
    this.data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * {@return an F32 tensor with a copy of the values}
   *
   * @param values the elements, row-major
   * @param shape dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(float[] values, int... shape) {
    Tensor tensor = allocate(Type.F32, values.length, shape);
    tensor.data.asFloatBuffer().put(values);
    return tensor;
  }

  /**
   * {@return an F64 tensor with a copy of the values}
   *
   * @param values the elements, row-major
   * @param shape dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(double[] values, int... shape) {
    Tensor tensor = allocate(Type.F64, values.length, shape);
    tensor.data.asDoubleBuffer().put(values);
    return tensor;
  }

  /**
   * {@return an I64 tensor with a copy of the values}
   *
   * @param values the elements, row-major
   * @param shape dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(long[] values, int... shape) {
    Tensor tensor = allocate(Type.I64, values.length, shape);
    tensor.data.asLongBuffer().put(values);
    return tensor;
  }

  /**
   * {@return a tensor of any type with these bytes}
   *
   * @param type the element type
   * @param bytes the elements, row-major and little-endian; not copied
   * @param shape dimensions, outermost first; none for a scalar
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static Tensor of(Type type, byte[] bytes, int... shape) {
    List<Integer> dimensions = Arrays.stream(shape).boxed().toList();
    if (bytes.length
        != type.bytes * Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact)) {
      throw new IllegalArgumentException(
          bytes.length
              + " bytes do not fill a tensor of "
              + type
              + " and shape "
              + dimensions
              + ".");
    }
    return new Tensor(type, dimensions, bytes);
  }

  private static Tensor allocate(Type type, int size, int... shape) {
    List<Integer> dimensions = Arrays.stream(shape).boxed().toList();
    if (size != Arrays.stream(shape).reduce(1, Math::multiplyExact)) {
      throw new IllegalArgumentException(
          size + " values do not fill a tensor of shape " + dimensions + ".");
    }
    return new Tensor(type, dimensions, new byte[Math.multiplyExact(size, type.bytes)]);
  }

  /** {@return the element type} */
  public Type type() {
    return type;
  }

  /** {@return the dimensions, outermost first; none for a scalar} */
  public List<Integer> shape() {
    return shape;
  }

  /** {@return the number of elements} */
  public int size() {
    return data.capacity() / type.bytes;
  }

  /** {@return the raw little-endian bytes, read-only} */
  ByteBuffer bytes() {
    return data.asReadOnlyBuffer();
  }

  /**
   * {@return a copy of the elements as floats, an F64 rounded to the nearest}
   *
   * @throws IllegalStateException if the type is not a floating-point type
   */
  public float[] floats() {
    requireFloatingPoint();
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) floatingPoint(i);
    }
    return values;
  }

  /**
   * {@return a copy of the elements as doubles}
   *
   * @throws IllegalStateException if the type is not a floating-point type
   */
  public double[] doubles() {
    requireFloatingPoint();
    double[] values = new double[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = floatingPoint(i);
    }
    return values;
  }

  /**
   * {@return a copy of the elements as integers, BOOL as 0 or 1}
   *
   * @throws IllegalStateException if the type is a floating-point type
   */
  public long[] longs() {
    if (type.isFloatingPoint()) {
      throw new IllegalStateException("The tensor is " + type + ", not one of the integer types.");
    }
    long[] values = new long[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(i);
    }
    return values;
  }

  private void requireFloatingPoint() {
    if (!type.isFloatingPoint()) {
      throw new IllegalStateException(
          "The tensor is " + type + ", not one of the floating-point types.");
    }
  }

  private double floatingPoint(int i) {
    return switch (type) {
      case F64 -> data.getDouble(8 * i);
      case F32 -> data.getFloat(4 * i);
      case F16 -> Float.float16ToFloat(data.getShort(2 * i));
      default -> Float.intBitsToFloat(data.getShort(2 * i) << 16);
    };
  }

  private long integer(int i) {
    return switch (type) {
      case I64 -> data.getLong(8 * i);
      case I32 -> data.getInt(4 * i);
      case I16 -> data.getShort(2 * i);
      case I8 -> data.get(i);
      case BOOL -> data.get(i) == 0 ? 0 : 1;
      default -> Byte.toUnsignedInt(data.get(i));
    };
  }
}
