package dev.unroll.cell;

import dev.unroll.kernel.Buffers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All parameters in one flat array of named slices, and their gradients in a second array with the
 * same slices, so that an optimizer, clipping, a reduction and a checkpoint are one loop each.
 *
 * <p>Layers add their slices while the model is built; the first call of {@link #values()} or
 * {@link #gradients()} ends that, and from then on both arrays keep their identity. Not
 * thread-safe.
 */
public final class Parameters {
  /**
   * A named tensor inside the flat arrays, row-major.
   *
   * @param name PyTorch's name, e.g. {@code rnn.weight_ih_l0}
   * @param offset index of its first element in {@link Parameters#values()}
   * @param shape its dimensions, outermost first
   */
  public record Slice(String name, int offset, List<Integer> shape) {
    /** Takes a copy of the shape. */
    public Slice {
      shape = List.copyOf(shape);
    }

    /** {@return the number of elements} */
    public int size() {
      int size = 1;
      for (int i = 0; i < shape.size(); i++) { // without a stream, since passes ask
        size = Math.multiplyExact(size, shape.get(i));
      }
      return size;
    }

    /** {@return whether the last part of the name begins with "bias", as in {@code bias_ih_l0}} */
    public boolean isBias() {
      return name.startsWith("bias", name.lastIndexOf('.') + 1);
    }
  }

  private final Map<String, Slice> byName = new LinkedHashMap<>();
  private final List<Slice> slices = new ArrayList<>();
  private int size;
  private float[] values = {};
  private float[] gradients = {};
  private boolean frozen;
  private long version;

  /** Creates an empty set of parameters. */
  public Parameters() {}

  /**
   * Appends a tensor of zeros.
   *
   * @param name a name not used yet
   * @param shape positive dimensions, outermost first
   * @return the slice that holds it
   * @throws IllegalArgumentException if the name is taken, a dimension is not positive, or there
   *     would be more elements than one Java array holds
   * @throws IllegalStateException if the arrays have been handed out already
   */
  public Slice add(String name, int... shape) {
    if (frozen) {
      throw new IllegalStateException(
          "Parameter '"
              + name
              + "' comes too late: the arrays are in use already; add every layer before the first"
              + " use of values() or gradients().");
    }
    if (byName.containsKey(name)) {
      throw new IllegalArgumentException(
          "Parameter '" + name + "' exists already: give each layer its own prefix.");
    }
    long count = 1;
    for (int dimension : shape) {
      // Both factors are below 2^31.
      count = Math.min(count * dimension, Integer.MAX_VALUE);
      if (dimension < 1) {
        throw new IllegalArgumentException(
            "Parameter '"
                + name
                + "' has shape "
                + Arrays.toString(shape)
                + ": every dimension must be at least 1.");
      }
    }
    if (count > Buffers.LONGEST - size) {
      throw new IllegalArgumentException(
          "Parameter '"
              + name
              + "' of shape "
              + Arrays.toString(shape)
              + " does not fit behind the "
              + size
              + " elements before it: a model has at most "
              + Buffers.LONGEST
              + "; use smaller or fewer layers.");
    }
    Slice slice = new Slice(name, size, Arrays.stream(shape).boxed().toList());
    size += (int) count;
    byName.put(name, slice);
    slices.add(slice);
    return slice;
  }

  /** {@return the live values, one tensor after another in the order of {@link #slices()}} */
  public float[] values() {
    freeze();
    return values;
  }

  /** {@return the live gradients, laid out as {@link #values()}} */
  public float[] gradients() {
    freeze();
    return gradients;
  }

  private void freeze() {
    if (!frozen) {
      values = new float[size];
      gradients = new float[size];
      frozen = true;
    }
  }

  /** {@return the slices in the order in which they were added} */
  public List<Slice> slices() {
    return Collections.unmodifiableList(slices);
  }

  /**
   * Finds a slice.
   *
   * @param name its name
   * @return the slice of that name
   * @throws IllegalArgumentException if there is none; the message names those there are
   */
  public Slice slice(String name) {
    Slice slice = byName.get(name);
    if (slice == null) {
      throw new IllegalArgumentException(
          "No parameter is named '"
              + name
              + "'; there are "
              + String.join(", ", byName.keySet())
              + ".");
    }
    return slice;
  }

  /** {@return the number of scalars} */
  public int size() {
    return size;
  }

  /** Sets every gradient to zero. */
  public void zeroGradients() {
    Arrays.fill(gradients, 0f);
  }

  /**
   * {@return a number that grows with every {@link #changed()}, so that a layer knows when to pack
   * its weights again}
   */
  public long version() {
    return version;
  }

  /** Must be called after {@link #values()} has been written. */
  public void changed() {
    version++;
  }
}
