package dev.unroll.onnx;

import dev.unroll.io.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor inside a graph, row-major. All floating-point types are held and computed with as
 * floats, all others as longs; {@code type} is what goes out. Arrays are never written once a value
 * has been made, so values may share them.
 */
final class Value {
  /** The most dimensions of a tensor; no operator here needs more than a few. */
  static final int MOST_DIMENSIONS = 32;

  final Tensor.Type type;
  final int[] shape;

  /** The elements; empty unless the type is a floating-point type. */
  final float[] floats;

  /** The elements; empty if the type is a floating-point type. */
  final long[] longs;

  private Value(Tensor.Type type, int[] shape, float[] floats, long[] longs) {
    this.type = type;
    this.shape = shape;
    this.floats = floats;
    this.longs = longs;
  }

  static Value of(Tensor.Type type, float[] values, int... shape) {
    return new Value(type, shape, values, new long[0]);
  }

  static Value of(Tensor.Type type, long[] values, int... shape) {
    return new Value(type, shape, new float[0], values);
  }

  static Value of(Tensor tensor) {
    int[] shape = tensor.shape().stream().mapToInt(Integer::intValue).toArray();
    return tensor.type().isFloatingPoint()
        ? of(tensor.type(), tensor.floats(), shape)
        : of(tensor.type(), tensor.longs(), shape);
  }

  Tensor tensor() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(size(), type.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size(); i++) {
      switch (type) {
        case F64 -> bytes.putDouble(floats[i]);
        case F32 -> bytes.putFloat(floats[i]);
        case F16 -> bytes.putShort(Float.floatToFloat16(floats[i]));
        case BF16 -> bytes.putShort(bfloat16(floats[i]));
        case I64 -> bytes.putLong(longs[i]);
        case I32 -> bytes.putInt((int) longs[i]);
        case I16 -> bytes.putShort((short) longs[i]);
        case I8, U8, BOOL -> bytes.put((byte) longs[i]);
      }
    }
    return Tensor.of(type, bytes.array(), shape);
  }

  /** Rounds to the nearest, ties to even; NaN stays NaN. */
  private static short bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return (short) ((Float.isNaN(value) ? bits : bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  boolean isFloat() {
    return type.isFloatingPoint();
  }

  int size() {
    return isFloat() ? floats.length : longs.length;
  }

  int rank() {
    return shape.length;
  }

  /** {@return the number of elements of a shape; Long.MAX_VALUE where it is beyond any array} */
  static long count(int... shape) {
    long count = 1;
    for (int dimension : shape) {
      // Both factors are below 2^31.
      count = Math.min(count * dimension, Integer.MAX_VALUE);
      if (dimension == 0) {
        return 0;
      }
    }
    return count == Integer.MAX_VALUE ? Long.MAX_VALUE : count;
  }

  /** {@return the same elements in another shape} */
  Value withShape(int... newShape) {
    return new Value(type, newShape, floats, longs);
  }

  /** {@return from each index of a dimension to the next} */
  int[] strides() {
    int[] strides = new int[rank()];
    int stride = 1;
    for (int k = rank() - 1; k >= 0; k--) {
      strides[k] = stride;
      stride *= shape[k];
    }
    return strides;
  }

  /** {@return a tensor whose element at an index is this one's at offset + index * strides} */
  Value view(int[] newShape, int[] strides, int offset, Memory memory) {
    long count = count(newShape);
    float[] newFloats = memory.floats(isFloat() ? count : 0);
    long[] newLongs = memory.longs(isFloat() ? 0 : count);
    int[] at = new int[newShape.length];
    int from = offset;
    for (int to = 0; to < count; to++) {
      if (isFloat()) {
        newFloats[to] = floats[from];
      } else {
        newLongs[to] = longs[from];
      }
      for (int k = at.length - 1; k >= 0; k--) {
        if (++at[k] < newShape[k]) {
          from += strides[k];
          break;
        }
        from -= (newShape[k] - 1) * strides[k];
        at[k] = 0;
      }
    }
    return new Value(type, newShape, newFloats, newLongs);
  }

  /** {@return this with its dimensions in another order} */
  Value transpose(int[] order, Memory memory) {
    int[] strides = strides();
    int[] newShape = Arrays.stream(order).map(k -> shape[k]).toArray();
    int[] newStrides = Arrays.stream(order).map(k -> strides[k]).toArray();
    return view(newShape, newStrides, 0, memory);
  }

  /** {@return this repeated along dimensions of 1, up to a shape that it can be broadcast to} */
  Value expand(int[] newShape, Memory memory) {
    if (Arrays.equals(shape, newShape)) {
      return this;
    }
    int[] strides = strides();
    int[] newStrides = new int[newShape.length];
    int more = newShape.length - rank();
    for (int k = 0; k < rank(); k++) {
      newStrides[more + k] = shape[k] == 1 ? 0 : strides[k];
    }
    return view(newShape, newStrides, 0, memory);
  }

  /**
   * {@return the shape that two shapes are broadcast to, as NumPy does}
   *
   * @throws IllegalArgumentException if they do not fit
   */
  static int[] broadcast(int[] a, int[] b) {
    int[] shape = new int[Math.max(a.length, b.length)];
    for (int k = 1; k <= shape.length; k++) {
      int m = k <= a.length ? a[a.length - k] : 1;
      int n = k <= b.length ? b[b.length - k] : 1;
      if (m != n && m != 1 && n != 1) {
        throw new IllegalArgumentException(
            "has the shapes "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b)
                + ", which cannot be broadcast to each other");
      }
      shape[shape.length - k] = m == 1 ? n : m;
    }
    return shape;
  }

  /** {@return type and shape, for messages} */
  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
