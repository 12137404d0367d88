package dev.unroll.run;

import dev.unroll.cell.Cell;
import dev.unroll.cell.StatePart;
import java.util.Arrays;
import java.util.List;

/**
 * The state of a network between two steps, or a gradient to it: for each of {@link Cell#states()}
 * one array {@code [numLayers * D, B, width]}, layer by layer, forward before reverse.
 */
public final class State {
  private final List<StatePart> states;
  private final float[][] parts;

  private State(List<StatePart> states, float[][] parts) {
    this.states = states;
    this.parts = parts;
  }

  /**
   * {@return a state that holds these arrays}
   *
   * @param cell the cell of the network
   * @param parts an array for each of its states, in their order
   * @throws IllegalArgumentException if there are more or fewer
   */
  public static State of(Cell cell, float[]... parts) {
    if (parts.length != cell.states().size()) {
      throw new IllegalArgumentException(
          "The state of a network of cell '"
              + cell.name()
              + "' has the parts "
              + names(cell.states())
              + ", but "
              + parts.length
              + " arrays were given.");
    }
    return new State(cell.states(), parts.clone());
  }

  /**
   * A state of zeros.
   *
   * @param config the network
   * @param batch B
   * @return the state
   * @throws IllegalArgumentException if the batch is not positive or too large for Java arrays
   */
  public static State zeros(RecurrentConfig config, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException(
          "A state for a batch of " + batch + " cannot be made: it must be at least 1.");
    }
    double rows = (double) config.numLayers() * config.numDirections() * batch;
    List<StatePart> states = config.cell().states();
    float[][] parts = new float[states.size()][];
    for (int i = 0; i < parts.length; i++) {
      int width = config.width(states.get(i));
      Sizes.checkPossible(
          "A state", (long) (rows * width), "layers * D * B * width", "a smaller batch");
      parts[i] = new float[(int) (rows * width)];
    }
    return new State(states, parts);
  }

  /** {@return what the parts are} */
  public List<StatePart> states() {
    return states;
  }

  /**
   * {@return the array of a part}
   *
   * @param i its place in {@link #states()}
   */
  public float[] part(int i) {
    return parts[i];
  }

  /**
   * {@return the array of a part}
   *
   * @param name its name, e.g. {@code n}
   * @throws IllegalArgumentException if there is none; the message names those there are
   */
  public float[] part(String name) {
    for (int i = 0; i < parts.length; i++) {
      if (states.get(i).name().equals(name)) {
        return parts[i];
      }
    }
    throw new IllegalArgumentException(
        "The state has no part '" + name + "'; it has " + names(states) + ".");
  }

  /** {@return the arrays of all parts, in the order of {@link #states()}} */
  public List<float[]> parts() {
    return List.of(parts);
  }

  /**
   * {@return the hidden state h}
   *
   * @throws IllegalArgumentException if the cell has none
   */
  public float[] h() {
    return part("h");
  }

  /**
   * {@return the cell state c}
   *
   * @throws IllegalArgumentException if the cell has none
   */
  public float[] c() {
    return part("c");
  }

  /** Sets all parts to zero, in which a sequence begins. */
  public void clear() {
    for (float[] part : parts) {
      Arrays.fill(part, 0f);
    }
  }

  /** Refuses another state that does not hold as many numbers in the same parts. */
  void requireLike(String name, State other) {
    if (other.states.size() != states.size()) {
      throw new IllegalArgumentException(
          name + " is the state of another cell: make it with State.zeros(config, batch).");
    }
    for (int i = 0; i < parts.length; i++) {
      Sizes.check(
          name + "." + states.get(i).name(),
          other.parts[i].length,
          parts[i].length,
          "layers * B * width");
    }
  }

  /** {@return a state with copies of all arrays} */
  public State copy() {
    return new State(states, Arrays.stream(parts).map(float[]::clone).toArray(float[][]::new));
  }

  /**
   * Takes over the numbers of another state.
   *
   * @param from a state of the same network and batch
   */
  public void set(State from) {
    for (int i = 0; i < parts.length; i++) {
      System.arraycopy(from.parts[i], 0, parts[i], 0, parts[i].length);
    }
  }

  private static String names(List<StatePart> states) {
    return String.join(", ", states.stream().map(StatePart::name).toList());
  }
}
