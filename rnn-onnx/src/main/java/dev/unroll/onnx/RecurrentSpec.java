package dev.unroll.onnx;

import dev.unroll.cell.Cell;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of an RNN, LSTM or GRU node, by the specification's names.
 *
 * @param kind the operator
 * @param directions for each direction that it runs in, forward before reverse
 * @param hiddenSize hidden_size, 0 where it is not stated
 * @param clip the bound of what goes into the gates' activations, infinite without one
 * @param linearBeforeReset of a GRU, whether the reset gate acts on the recurrent product
 * @param inputForget of an LSTM, whether the forget gate is 1 - input gate
 * @param batchFirst whether layout is 1
 * @param peepholes of an LSTM, whether the gates also see the cell state
 */
record RecurrentSpec(
    Kind kind,
    List<Direction> directions,
    int hiddenSize,
    float clip,
    boolean linearBeforeReset,
    boolean inputForget,
    boolean batchFirst,
    boolean peepholes) {

  /**
   * One direction.
   *
   * @param reverse whether it runs from the last step to the first
   * @param activations f, g, h
   */
  record Direction(boolean reverse, List<Activation> activations) {}

  /**
   * Reads the attributes of a node.
   *
   * @throws IllegalArgumentException if one of them is wrong or not supported
   */
  static RecurrentSpec of(Node node) {
    Kind kind = Kind.valueOf(node.operator());
    String direction = node.text("direction", "forward");
    List<Boolean> reverse =
        switch (direction) {
          case "forward" -> List.of(false);
          case "reverse" -> List.of(true);
          case "bidirectional" -> List.of(false, true);
          default ->
              throw new IllegalArgumentException(
                  "has the direction '"
                      + Node.shortened(direction)
                      + "', but must have forward, reverse or bidirectional");
        };
    int each = kind.usual().size();
    List<String> names = node.texts("activations");
    if (names != null && names.size() != each * reverse.size()) {
      throw new IllegalArgumentException(
          "has " + names.size() + " activations, but must have " + each * reverse.size());
    }
    List<Direction> directions = new ArrayList<>();
    for (int d = 0; d < reverse.size(); d++) {
      directions.add(
          new Direction(
              reverse.get(d),
              names == null
                  ? kind.usual()
                  : names.subList(d * each, (d + 1) * each).stream()
                      .map(Activation::named)
                      .toList()));
    }
    // Parameters of activations; those that are supported have none.
    var unused = node.numbers("activation_alpha");
    unused = node.numbers("activation_beta");
    float clip = node.number("clip", Float.POSITIVE_INFINITY);
    if (!(clip > 0)) {
      throw new IllegalArgumentException("has clip = " + clip + ", but must have more than 0");
    }
    long hidden = node.integer("hidden_size", 0);
    if (hidden < 0 || hidden > Integer.MAX_VALUE || (hidden == 0 && node.has("hidden_size"))) {
      throw new IllegalArgumentException(
          "has hidden_size = " + hidden + ", but must have at least 1");
    }
    long layout = node.integer("layout", 0);
    if (layout != 0 && layout != 1) {
      throw new IllegalArgumentException("has layout = " + layout + ", but must have 0 or 1");
    }
    RecurrentSpec spec =
        new RecurrentSpec(
            kind,
            List.copyOf(directions),
            (int) hidden,
            clip,
            kind == Kind.GRU && node.flag("linear_before_reset"),
            kind == Kind.LSTM && node.flag("input_forget"),
            layout == 1,
            kind == Kind.LSTM && node.hasInput(7));
    boolean cells = kind == Kind.LSTM;
    node.requireKnown(3, cells ? 8 : 6, cells ? 3 : 2);
    return spec;
  }

  /**
   * {@return the cell that computes a direction; null for a GRU that resets before its recurrent
   * product, which none does}
   */
  @Nullable Cell cell(Direction direction) {
    if (resetsBefore()) {
      return null;
    }
    Cell fast = departures().isEmpty() ? kind.cell(direction.activations) : null;
    return fast != null
        ? fast
        : new OnnxCell(kind, direction.activations, clip, inputForget, peepholes);
  }

  private boolean resetsBefore() {
    return kind == Kind.GRU && !linearBeforeReset;
  }

  /** {@return what it has, activations apart, that no cell of the library has} */
  private List<String> departures() {
    List<String> found = new ArrayList<>();
    if (resetsBefore()) {
      found.add("linear_before_reset = 0");
    }
    if (clip < Float.POSITIVE_INFINITY) {
      found.add("clip");
    }
    if (inputForget) {
      found.add("input_forget");
    }
    if (peepholes) {
      found.add("peepholes");
    }
    return found;
  }

  /** {@return what makes it run on a slower form than the library's cells; empty for nothing} */
  List<String> slower() {
    List<String> found = departures();
    if (directions.stream().anyMatch(direction -> kind.cell(direction.activations) == null)) {
      found.add("activations");
    }
    return found;
  }
}
