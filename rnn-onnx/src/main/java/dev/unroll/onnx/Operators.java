package dev.unroll.onnx;

import dev.unroll.io.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * The operators that are supported, as opset 14 and later have them. Besides the recurrent ones
 * those that exporters put around them.
 *
 * @see <a href="https://onnx.ai/onnx/operators/">the specification</a>
 */
final class Operators {
  /** An operator of one output. */
  private interface Plain {
    Value run(Inputs inputs, Memory memory);
  }

  private static final Map<String, Function<Node, Operator>> ALL = new TreeMap<>();

  static {
    ALL.put("Add", node -> plain(node, 2, 2, Operators::add));
    ALL.put("Cast", Operators::cast);
    ALL.put("Concat", Operators::concat);
    ALL.put("Constant", Operators::constant);
    ALL.put("ConstantOfShape", Operators::constantOfShape);
    ALL.put("Expand", node -> plain(node, 2, 2, Operators::expand));
    ALL.put("Gather", Operators::gather);
    ALL.put("Gemm", Products::gemm);
    ALL.put("GRU", RecurrentOperator::new);
    ALL.put("Identity", node -> plain(node, 1, 1, (in, memory) -> in.get(0)));
    ALL.put("LSTM", RecurrentOperator::new);
    ALL.put("MatMul", Products::matMul);
    ALL.put("Reshape", Operators::reshape);
    ALL.put("ReverseSequence", Operators::reverseSequence);
    ALL.put("RNN", RecurrentOperator::new);
    ALL.put("Shape", Operators::shape);
    ALL.put("Slice", node -> plain(node, 3, 5, Operators::slice));
    ALL.put("Squeeze", node -> plain(node, 1, 2, Operators::squeeze));
    ALL.put("Transpose", Operators::transpose);
    ALL.put("Unsqueeze", node -> plain(node, 2, 2, Operators::unsqueeze));
  }

  private Operators() {}

  /** Thrown for an operator that is not in the list. */
  @SuppressWarnings("serial")
  static final class Unsupported extends IllegalArgumentException {
    Unsupported(Node node) {
      super(
          node
              + " cannot be run: the operator "
              + Node.shortened(node.operator())
              + " is not supported; supported are "
              + String.join(", ", ALL.keySet()));
    }
  }

  static boolean supports(Node node) {
    return ALL.containsKey(node.operator());
  }

  static boolean isRecurrent(Node node) {
    return switch (node.operator()) {
      case "RNN", "LSTM", "GRU" -> true;
      default -> false;
    };
  }

  /**
   * {@return the node made ready to run}
   *
   * @throws Unsupported if its operator is not in the list
   * @throws IllegalArgumentException if its attributes or the number of its inputs are wrong; the
   *     message begins with the node's name
   */
  static Operator of(Node node) {
    Function<Node, Operator> maker = ALL.get(node.operator());
    if (maker == null) {
      throw new Unsupported(node);
    }
    try {
      return maker.apply(node);
    } catch (IllegalArgumentException e) {
      throw at(node, e);
    }
  }

  /** Runs an operator of {@link #of}; a message begins with the node's name. */
  static List<Value> run(Node node, Operator operator, Inputs inputs, Memory memory) {
    try {
      return operator.run(inputs, memory);
    } catch (IllegalArgumentException e) {
      throw at(node, e);
    }
  }

  private static IllegalArgumentException at(Node node, IllegalArgumentException e) {
    return new IllegalArgumentException(node + " " + e.getMessage(), e);
  }

  private static Operator plain(Node node, int least, int most, Plain plain) {
    node.requireKnown(least, most, 1);
    return (inputs, memory) -> List.of(plain.run(inputs, memory));
  }

  private static Value add(Inputs in, Memory memory) {
    int[] shape = Value.broadcast(in.get(0).shape, in.get(1).shape);
    if (in.get(0).type != in.get(1).type) {
      throw new IllegalArgumentException(
          "adds " + in.get(0) + " and " + in.get(1) + ", but both must have one type");
    }
    Value a = in.get(0).expand(shape, memory);
    Value b = in.get(1).expand(shape, memory);
    if (a.isFloat()) {
      float[] sum = memory.floats(a.size());
      for (int i = 0; i < sum.length; i++) {
        sum[i] = a.floats[i] + b.floats[i];
      }
      return Value.of(a.type, sum, shape);
    }
    long[] sum = memory.longs(a.size());
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a.longs[i] + b.longs[i];
    }
    return Value.of(a.type, sum, shape);
  }

  private static Operator cast(Node node) {
    Tensor.Type to = Tensors.requireType((int) node.integer("to", 0), "its attribute to");
    return plain(
        node,
        1,
        1,
        (in, memory) -> {
          Value x = in.get(0);
          int n = x.size();
          if (to.isFloatingPoint()) {
            if (x.isFloat()) {
              return Value.of(to, x.floats, x.shape);
            }
            float[] values = memory.floats(n);
            for (int i = 0; i < n; i++) {
              values[i] = x.longs[i];
            }
            return Value.of(to, values, x.shape);
          }
          long[] values = memory.longs(n);
          for (int i = 0; i < n; i++) {
            long value = x.isFloat() ? (long) x.floats[i] : x.longs[i];
            boolean set = x.isFloat() ? x.floats[i] != 0 : value != 0;
            values[i] = to == Tensor.Type.BOOL ? (set ? 1 : 0) : value;
          }
          return Value.of(to, values, x.shape);
        });
  }

  private static Operator concat(Node node) {
    if (!node.has("axis")) {
      throw new IllegalArgumentException("has no attribute axis");
    }
    long axisAttribute = node.integer("axis", 0);
    return plain(
        node,
        1,
        Integer.MAX_VALUE,
        (in, memory) -> {
          Value first = in.get(0);
          int axis = axis(axisAttribute, first.rank());
          long total = 0;
          for (int i = 0; i < in.size(); i++) {
            Value x = in.get(i);
            int[] like = x.shape.clone();
            if (like.length == first.rank()) {
              like[axis] = first.shape[axis];
            }
            if (x.type != first.type || !Arrays.equals(like, first.shape)) {
              throw new IllegalArgumentException(
                  "cannot join " + first + " and " + x + " along dimension " + axis);
            }
            total += x.shape[axis];
          }
          int[] shape = first.shape.clone();
          shape[axis] = index(total);
          long size = Value.count(shape);
          float[] floats = memory.floats(first.isFloat() ? size : 0);
          long[] longs = memory.longs(first.isFloat() ? 0 : size);
          int to = 0;
          int outer = (int) Value.count(Arrays.copyOf(shape, axis));
          for (int o = 0; o < outer && size > 0; o++) {
            for (int i = 0; i < in.size(); i++) {
              Value x = in.get(i);
              int block = x.size() / outer;
              if (first.isFloat()) {
                System.arraycopy(x.floats, o * block, floats, to, block);
              } else {
                System.arraycopy(x.longs, o * block, longs, to, block);
              }
              to += block;
            }
          }
          return first.isFloat()
              ? Value.of(first.type, floats, shape)
              : Value.of(first.type, longs, shape);
        });
  }

  private static Operator constant(Node node) {
    Value value = node.tensor("value");
    List<Float> floats = node.numbers("value_floats");
    List<Long> ints = node.integers("value_ints");
    if (node.has("value_float")) {
      value = scalar(node.number("value_float", 0));
    } else if (node.has("value_int")) {
      value = Value.of(Tensor.Type.I64, new long[] {node.integer("value_int", 0)});
    } else if (floats != null) {
      float[] values = new float[floats.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats.get(i);
      }
      value = Value.of(Tensor.Type.F32, values, values.length);
    } else if (ints != null) {
      long[] values = ints.stream().mapToLong(Long::longValue).toArray();
      value = Value.of(Tensor.Type.I64, values, values.length);
    }
    node.requireKnown(0, 0, 1);
    if (value == null || node.attributes().size() != 1) {
      throw new IllegalArgumentException("must have exactly one value");
    }
    List<Value> result = List.of(value);
    return (inputs, memory) -> result;
  }

  private static Value scalar(float value) {
    return Value.of(Tensor.Type.F32, new float[] {value});
  }

  private static Operator constantOfShape(Node node) {
    Value given = node.tensor("value");
    Value value = given == null ? scalar(0) : given;
    if (value.size() != 1) {
      throw new IllegalArgumentException(
          "has a value of " + value.size() + " elements, but must have 1");
    }
    return plain(
        node,
        1,
        1,
        (in, memory) -> {
          int[] shape = dimensions(in.get(0));
          return value.withShape().view(shape, new int[shape.length], 0, memory);
        });
  }

  private static Value expand(Inputs in, Memory memory) {
    return in.get(0).expand(Value.broadcast(in.get(0).shape, dimensions(in.get(1))), memory);
  }

  private static Operator gather(Node node) {
    long axisAttribute = node.integer("axis", 0);
    return plain(
        node,
        2,
        2,
        (in, memory) -> {
          Value x = in.get(0);
          Value indices = requireIntegers(in.get(1), "indices");
          int axis = axis(axisAttribute, x.rank());
          int outer = (int) Value.count(Arrays.copyOf(x.shape, axis));
          int many = x.shape[axis];
          int block = (int) Value.count(Arrays.copyOfRange(x.shape, axis + 1, x.rank()));
          int[] shape = new int[x.rank() - 1 + indices.rank()];
          System.arraycopy(x.shape, 0, shape, 0, axis);
          System.arraycopy(indices.shape, 0, shape, axis, indices.rank());
          System.arraycopy(x.shape, axis + 1, shape, axis + indices.rank(), x.rank() - axis - 1);
          long size = Value.count(shape);
          float[] floats = memory.floats(x.isFloat() ? size : 0);
          long[] longs = memory.longs(x.isFloat() ? 0 : size);
          int to = 0;
          for (int o = 0; o < outer && size > 0; o++) {
            for (long index : indices.longs) {
              if (index < -many || index >= many) {
                throw new IllegalArgumentException(
                    "has the index "
                        + index
                        + ", but dimension "
                        + axis
                        + " of "
                        + x
                        + " has "
                        + many);
              }
              int from = (o * many + (int) (index < 0 ? index + many : index)) * block;
              if (x.isFloat()) {
                System.arraycopy(x.floats, from, floats, to, block);
              } else {
                System.arraycopy(x.longs, from, longs, to, block);
              }
              to += block;
            }
          }
          return x.isFloat() ? Value.of(x.type, floats, shape) : Value.of(x.type, longs, shape);
        });
  }

  private static Operator reshape(Node node) {
    boolean allowZero = node.flag("allowzero");
    return plain(
        node,
        2,
        2,
        (in, memory) -> {
          Value x = in.get(0);
          long[] wanted = requireIntegers(in.get(1), "shape").longs.clone();
          long known = 1;
          int open = -1;
          for (int k = 0; k < wanted.length; k++) {
            if (wanted[k] == 0 && !allowZero && k < x.rank()) {
              wanted[k] = x.shape[k];
            }
            if (wanted[k] == -1 && open < 0) {
              open = k;
            } else {
              // A negative or giant dimension is refused below.
              known =
                  Math.clamp(
                      known * Math.clamp(wanted[k], 0, Integer.MAX_VALUE), 0, Integer.MAX_VALUE);
            }
          }
          if (open >= 0) {
            wanted[open] = known == 0 ? 0 : x.size() / known;
          }
          int[] shape = Tensors.shape(Arrays.stream(wanted).boxed().toList(), "its shape");
          if (Value.count(shape) != x.size()) {
            throw new IllegalArgumentException(
                "cannot give " + x + " the shape " + Arrays.toString(in.get(1).longs));
          }
          return x.withShape(shape);
        });
  }

  /** Reverses each sequence within its length and leaves what lies past it. */
  private static Operator reverseSequence(Node node) {
    long timeAxis = node.integer("time_axis", 0);
    long batchAxis = node.integer("batch_axis", 1);
    if (timeAxis + batchAxis != 1 || timeAxis * batchAxis != 0) {
      throw new IllegalArgumentException("has time_axis and batch_axis other than 0 and 1");
    }
    return plain(
        node,
        2,
        2,
        (in, memory) -> {
          Value x = in.get(0);
          long[] lengths = requireIntegers(in.get(1), "sequence_lens").longs;
          if (x.rank() < 2 || lengths.length != x.shape[(int) batchAxis]) {
            throw new IllegalArgumentException(
                "reverses " + x + " in " + lengths.length + " sequences");
          }
          int steps = x.shape[(int) timeAxis];
          int[] strides = x.strides();
          int width = strides[1];
          float[] floats = memory.floats(x.floats.length);
          long[] longs = memory.longs(x.longs.length);
          for (int b = 0; b < lengths.length; b++) {
            if (lengths[b] < 0 || lengths[b] > steps) {
              throw new IllegalArgumentException(
                  "has sequence_lens[" + b + "] = " + lengths[b] + ", but " + steps + " steps");
            }
            for (int t = 0; t < steps && x.size() > 0; t++) {
              int source = t < lengths[b] ? (int) lengths[b] - 1 - t : t;
              int row = b * strides[(int) batchAxis];
              int from = row + source * strides[(int) timeAxis];
              int to = row + t * strides[(int) timeAxis];
              if (x.isFloat()) {
                System.arraycopy(x.floats, from, floats, to, width);
              } else {
                System.arraycopy(x.longs, from, longs, to, width);
              }
            }
          }
          return x.isFloat() ? Value.of(x.type, floats, x.shape) : Value.of(x.type, longs, x.shape);
        });
  }

  private static Operator shape(Node node) {
    long start = node.integer("start", 0);
    long end = node.integer("end", Integer.MAX_VALUE);
    return plain(
        node,
        1,
        1,
        (in, memory) -> {
          int rank = in.get(0).rank();
          int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
          int to = Math.clamp(end < 0 ? end + rank : end, from, rank);
          long[] sizes = Arrays.stream(in.get(0).shape, from, to).asLongStream().toArray();
          return Value.of(Tensor.Type.I64, sizes, sizes.length);
        });
  }

  private static Value slice(Inputs in, Memory memory) {
    long[] starts = requireIntegers(in.get(1), "starts").longs;
    int n = starts.length;
    Value axes = in.optional(3);
    Value steps = in.optional(4);
    return slice(
        in.get(0),
        starts,
        requireIntegers(in.get(2), "ends").longs,
        axes == null ? LongStream.range(0, n).toArray() : requireIntegers(axes, "axes").longs,
        steps == null
            ? LongStream.generate(() -> 1).limit(n).toArray()
            : requireIntegers(steps, "steps").longs,
        memory);
  }

  private static Value slice(
      Value x, long[] starts, long[] ends, long[] axes, long[] steps, Memory memory) {
    int n = starts.length;
    if (ends.length != n || axes.length != n || steps.length != n) {
      throw new IllegalArgumentException("must have as many ends, axes and steps as starts");
    }
    int[] shape = x.shape.clone();
    int[] strides = x.strides();
    int offset = 0;
    boolean[] sliced = new boolean[x.rank()];
    for (int i = 0; i < n; i++) {
      int k = axis(axes[i], x.rank());
      if (sliced[k] || steps[i] == 0) {
        throw new IllegalArgumentException("has a step of 0 or slices dimension " + k + " twice");
      }
      sliced[k] = true;
      int size = x.shape[k];
      if (size == 0) {
        continue;
      }
      boolean forward = steps[i] > 0;
      long first = forward ? 0 : -1;
      long last = forward ? size : size - 1L;
      long start = Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, last);
      long end = Math.clamp(ends[i] < 0 ? ends[i] + size : ends[i], first, last);
      // A step beyond the dimension takes one element, as the largest that matters does.
      long step = Math.clamp(steps[i], -size - 1L, size + 1L);
      long count =
          Math.max(0, forward ? Math.ceilDiv(end - start, step) : Math.ceilDiv(start - end, -step));
      shape[k] = (int) count;
      offset += count == 0 ? 0 : (int) start * strides[k];
      strides[k] = count <= 1 ? 0 : strides[k] * (int) step;
    }
    return x.view(shape, strides, Value.count(shape) == 0 ? 0 : offset, memory);
  }

  private static Value squeeze(Inputs in, Memory memory) {
    Value x = in.get(0);
    boolean[] dropped = new boolean[x.rank()];
    Value axes = in.optional(1);
    if (axes == null) {
      for (int k = 0; k < dropped.length; k++) {
        dropped[k] = x.shape[k] == 1;
      }
    } else {
      for (long attribute : requireIntegers(axes, "axes").longs) {
        int axis = axis(attribute, x.rank());
        dropped[axis] = true;
        if (x.shape[axis] != 1) {
          throw new IllegalArgumentException(
              "cannot drop dimension " + axis + " of " + x + ", which is not 1");
        }
      }
    }
    int[] shape = new int[dropped.length];
    int rank = 0;
    for (int k = 0; k < dropped.length; k++) {
      if (!dropped[k]) {
        shape[rank++] = x.shape[k];
      }
    }
    return x.withShape(Arrays.copyOf(shape, rank));
  }

  private static Value unsqueeze(Inputs in, Memory memory) {
    Value x = in.get(0);
    long[] axes = requireIntegers(in.get(1), "axes").longs;
    int rank = x.rank() + axes.length;
    if (rank > Value.MOST_DIMENSIONS) {
      throw new IllegalArgumentException("would make a tensor of " + rank + " dimensions");
    }
    boolean[] added = new boolean[rank];
    for (long attribute : axes) {
      int axis = axis(attribute, rank);
      if (added[axis]) {
        throw new IllegalArgumentException("adds dimension " + axis + " twice");
      }
      added[axis] = true;
    }
    int[] shape = new int[rank];
    int from = 0;
    for (int k = 0; k < rank; k++) {
      shape[k] = added[k] ? 1 : x.shape[from++];
    }
    return x.withShape(shape);
  }

  private static Operator transpose(Node node) {
    List<Long> permutation = node.integers("perm");
    return plain(
        node,
        1,
        1,
        (in, memory) -> {
          Value x = in.get(0);
          int[] order = new int[x.rank()];
          Arrays.setAll(order, k -> order.length - 1 - k);
          if (permutation != null) {
            boolean[] seen = new boolean[x.rank()];
            if (permutation.size() != x.rank()) {
              throw new IllegalArgumentException("has perm " + permutation + " for " + x);
            }
            for (int k = 0; k < order.length; k++) {
              order[k] = axis(permutation.get(k), x.rank());
              if (seen[order[k]]) {
                throw new IllegalArgumentException(
                    "has perm " + permutation + ", which is no permutation");
              }
              seen[order[k]] = true;
            }
          }
          return x.transpose(order, memory);
        });
  }

  /** {@return a dimension's number, which may be stated from the end} */
  private static int axis(long attribute, int rank) {
    if (attribute < -rank || attribute >= rank) {
      throw new IllegalArgumentException(
          "names dimension " + attribute + " of a tensor that has " + rank);
    }
    return (int) (attribute < 0 ? attribute + rank : attribute);
  }

  private static int index(long size) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("would make a dimension of " + size);
    }
    return (int) size;
  }

  /** {@return the shape that a tensor holds} */
  private static int[] dimensions(Value shape) {
    long[] sizes = requireIntegers(shape, "shape").longs;
    return Tensors.shape(Arrays.stream(sizes).boxed().toList(), "its shape");
  }

  private static Value requireIntegers(Value value, String what) {
    if (value.isFloat()) {
      throw new IllegalArgumentException(
          "has " + value + " for its " + what + ", which must be integers");
    }
    return value;
  }
}
