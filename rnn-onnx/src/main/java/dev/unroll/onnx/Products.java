package dev.unroll.onnx;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operators MatMul and Gemm. */
final class Products {
  private Products() {}

  /** MatMul as NumPy's: the last two dimensions are multiplied, those before are broadcast. */
  static Operator matMul(Node node) {
    node.requireKnown(2, 2, 1);
    Product product = new Product();
    return (inputs, memory) -> {
      Value a = inputs.get(0);
      Value b = inputs.get(1);
      return List.of(matMul(product, a, b, memory));
    };
  }

  private static Value matMul(Product product, Value a, Value b, Memory memory) {
    requireFloats(a, b);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new IllegalArgumentException(
          "multiplies " + a + " and " + b + ", of which one is a scalar");
    }
    int[] left = a.rank() == 1 ? new int[] {1, a.shape[0]} : a.shape;
    int[] right = b.rank() == 1 ? new int[] {b.shape[0], 1} : b.shape;
    int m = left[left.length - 2];
    int k = left[left.length - 1];
    int n = right[right.length - 1];
    if (right[right.length - 2] != k) {
      throw new IllegalArgumentException(
          "multiplies " + a + " and " + b + ", whose inner dimensions differ");
    }
    int[] aBatch = Arrays.copyOf(left, left.length - 2);
    int[] bBatch = Arrays.copyOf(right, right.length - 2);
    int[] batch = Value.broadcast(aBatch, bBatch);
    int[] shape = Arrays.copyOf(batch, batch.length + 2);
    shape[batch.length] = m;
    shape[batch.length + 1] = n;
    float[] y = memory.floats(Value.count(shape));
    if (y.length > 0 && k > 0) {
      if (bBatch.length == 0) {
        if (!product.has(b, null)) {
          product.load(n, k, Product.transposed(b.floats, 0, k, n, memory), null, memory);
          product.keep(b, null);
        }
        product.run(y.length / n, a.floats, y);
      } else {
        float[] x = a.withShape(left).expand(with(batch, m, k), memory).floats;
        float[] w = b.withShape(right).expand(with(batch, k, n), memory).floats;
        float[] oneX = memory.floats((long) m * k);
        float[] oneY = memory.floats((long) m * n);
        for (int i = 0; i < y.length / (m * n); i++) {
          System.arraycopy(x, i * m * k, oneX, 0, m * k);
          product.load(n, k, Product.transposed(w, i * k * n, k, n, memory), null, memory);
          product.run(m, oneX, oneY);
          System.arraycopy(oneY, 0, y, i * m * n, m * n);
        }
      }
    }
    Value full = Value.of(a.type, y, shape);
    if (a.rank() > 1 && b.rank() > 1) {
      return full;
    }
    int[] kept = batch;
    kept = a.rank() > 1 ? with(kept, m) : kept;
    kept = b.rank() > 1 ? with(kept, n) : kept;
    return full.withShape(kept);
  }

  private static int[] with(int[] shape, int... more) {
    int[] result = Arrays.copyOf(shape, shape.length + more.length);
    System.arraycopy(more, 0, result, shape.length, more.length);
    return result;
  }

  /** Gemm: alpha * A·B + beta * C, either factor transposed or not. */
  static Operator gemm(Node node) {
    float alpha = node.number("alpha", 1);
    float beta = node.number("beta", 1);
    boolean transA = node.flag("transA");
    boolean transB = node.flag("transB");
    node.requireKnown(2, 3, 1);
    Product product = new Product();
    return (inputs, memory) -> {
      Value a = inputs.get(0);
      Value b = inputs.get(1);
      Value c = inputs.optional(2);
      requireFloats(a, b);
      if (a.rank() != 2 || b.rank() != 2) {
        throw new IllegalArgumentException(
            "multiplies " + a + " and " + b + ", but both must be matrices");
      }
      Value x = transA ? a.transpose(new int[] {1, 0}, memory) : a;
      int m = x.shape[0];
      int k = x.shape[1];
      int n = b.shape[transB ? 0 : 1];
      if (b.shape[transB ? 1 : 0] != k) {
        throw new IllegalArgumentException(
            "multiplies " + a + " and " + b + ", whose inner dimensions differ");
      }
      if (c != null) {
        requireFloats(a, c);
        if (!Arrays.equals(Value.broadcast(c.shape, new int[] {m, n}), new int[] {m, n})) {
          throw new IllegalArgumentException(
              "adds " + c + " to a product of shape [" + m + ", " + n + "]");
        }
      }
      float[] y = memory.floats((long) m * n);
      // A bias of one row goes into the product itself.
      boolean fused =
          c != null
              && c.size() == n
              && c.rank() > 0
              && c.shape[c.rank() - 1] == n
              && alpha == 1
              && beta == 1
              && k > 0;
      if (y.length > 0 && k > 0) {
        float @Nullable [] bias = fused && c != null ? c.floats : null;
        if (!product.has(b, bias)) {
          float[] weight = transB ? b.floats : Product.transposed(b.floats, 0, k, n, memory);
          product.load(n, k, weight, bias, memory);
          product.keep(b, bias);
        }
        product.run(m, x.floats, y);
      }
      if (!fused) {
        add(y, alpha, beta, c == null ? null : c.expand(new int[] {m, n}, memory).floats);
      }
      return List.of(Value.of(a.type, y, m, n));
    };
  }

  private static void add(float[] y, float alpha, float beta, float @Nullable [] c) {
    for (int i = 0; i < y.length; i++) {
      y[i] = alpha * y[i] + (c == null ? 0 : beta * c[i]);
    }
  }

  private static void requireFloats(Value a, Value b) {
    if (!a.isFloat() || a.type != b.type) {
      throw new IllegalArgumentException(
          "has " + a + " and " + b + ", but needs floats of one type");
    }
  }
}
