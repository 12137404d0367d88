package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.LoopGraph.Step;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The recurrences that PyTorch and ONNX Runtime have no operator for, written with operations that
 * they have: all that needs no state for all steps at once, and in the loop over the steps only
 * what is left. Equations and names are those of the cells' javadoc.
 */
final class Recurrences {
  private static final Map<String, Function<Recurrences, String>> WRITTEN =
      Map.ofEntries(
          Map.entry("slstm", Recurrences::slstm),
          Map.entry("min_gru", layer -> layer.minGru(1)),
          Map.entry("min_gru_signed", layer -> layer.minGru(2)),
          Map.entry("min_lstm", Recurrences::minLstm),
          Map.entry("indrnn", Recurrences::indRnn),
          Map.entry("para_gru", Recurrences::paraGru),
          Map.entry("para_lstm", Recurrences::paraLstm),
          Map.entry("lru", Recurrences::lru),
          Map.entry("rg_lru", Recurrences::rgLru),
          Map.entry("gated_delta", Recurrences::delta),
          Map.entry("gated_delta_signed", Recurrences::delta),
          Map.entry("delta_product2", Recurrences::delta));

  private static final Set<String> OPERATORS = Set.of("rnn_tanh", "rnn_relu", "lstm", "gru");

  private static final double RG_LRU_RATE = -8;
  private static final double EPSILON = 1e-6;

  private final LoopGraph graph;
  private final Workload workload;
  private final int hidden;

  private Recurrences(LoopGraph graph, Workload workload) {
    this.graph = graph;
    this.workload = workload;
    hidden = workload.shape().hiddenSize();
  }

  /** Whether a cell is written here. */
  static boolean has(String cell) {
    return WRITTEN.containsKey(cell);
  }

  /** Whether a cell is written here, or is an operator of both libraries. */
  static boolean isOffered(String cell) {
    return has(cell) || isOperator(cell);
  }

  /** Whether a cell is an operator of both libraries, and of oneDNN. */
  static boolean isOperator(String cell) {
    return OPERATORS.contains(cell);
  }

  /**
   * Writes a layer, whose input {@code [T, B, I]} is {@code x}.
   *
   * @return y {@code [T, B, H]}, of the LRU {@code [T, B, 2 H]}
   * @throws IllegalArgumentException if the cell is not written here
   */
  static String write(LoopGraph graph, Workload workload) {
    Function<Recurrences, String> layer = WRITTEN.get(workload.cell());
    if (layer == null) {
      throw new IllegalArgumentException("there is no loop of " + workload.cell());
    }
    return layer.apply(new Recurrences(graph, workload));
  }

  private String slstm() {
    String weight = graph.parameter("weight_hh", 4L * hidden, hidden); // of one head
    return firstOutput(
        List.of(input(4)),
        4,
        (now, state) -> {
          String all = graph.productPlus(state.getFirst(), weight, now.getFirst());
          List<String> gates = graph.parts(all, 4);
          String kept = sub(state.get(3), softplus(graph.apply(Op.NEG, gates.get(1))));
          String m = graph.apply(Op.MAX, gates.get(0), kept);
          String keep = exp(sub(kept, m));
          String take = exp(sub(gates.get(0), m));
          String c = graph.multiplyAdd(keep, state.get(1), mul(take, tanh(gates.get(2))));
          String n = graph.multiplyAdd(keep, state.get(2), take);
          return stateAsOutput(mul(sigmoid(gates.get(3)), graph.apply(Op.DIV, c, n)), c, n, m);
        });
  }

  private String minGru(int reach) {
    List<String> gates = gates(2);
    String z = sigmoid(gates.get(0));
    return linear(oneMinus(reach == 1 ? z : scaled(reach, z)), mul(z, gates.get(1)));
  }

  private String minLstm() {
    List<String> gates = gates(3);
    String f = sigmoid(gates.get(0));
    String i = sigmoid(gates.get(1));
    String sum = graph.apply(Op.ADD, f, i);
    return linear(graph.apply(Op.DIV, f, sum), mul(graph.apply(Op.DIV, i, sum), gates.get(2)));
  }

  private String rgLru() {
    List<String> gates = gates(3);
    String rate = scaled(RG_LRU_RATE, softplus(graph.parameter("lambda", hidden)));
    String a = exp(mul(rate, sigmoid(gates.get(0))));
    String fresh = graph.apply(Op.SQRT, oneMinus(mul(a, a)));
    return linear(a, mul(fresh, mul(sigmoid(gates.get(1)), gates.get(2))));
  }

  private String lru() {
    List<String> gates = gates(2);
    String radius = exp(graph.apply(Op.NEG, exp(graph.parameter("nu_log", hidden))));
    String phase = exp(graph.parameter("theta_log", hidden));
    String gamma = exp(graph.parameter("gamma_log", hidden));
    return graph.join(
        graph.rotate(
            mul(radius, graph.apply(Op.COS, phase)),
            mul(radius, graph.apply(Op.SIN, phase)),
            List.of(mul(gamma, gates.get(0)), mul(gamma, gates.get(1))),
            state()));
  }

  private String indRnn() {
    String weight = graph.parameter("weight_hh", hidden);
    return firstOutput(
        List.of(input(1)),
        1,
        (now, h) ->
            stateAsOutput(
                graph.apply(Op.RELU, graph.multiplyAdd(weight, h.getFirst(), now.getFirst()))));
  }

  private String paraGru() {
    List<String> a = graph.parts(graph.parameter("weight_hh", 3L * hidden), 3);
    return firstOutput(
        gates(3),
        1,
        (now, state) -> {
          String h = state.getFirst();
          String z = sigmoid(graph.multiplyAdd(a.get(0), h, now.get(0)));
          String r = sigmoid(graph.multiplyAdd(a.get(1), h, now.get(1)));
          String n = tanh(graph.multiplyAdd(mul(a.get(2), h), r, now.get(2)));
          return stateAsOutput(graph.interpolate(h, n, z));
        });
  }

  private String paraLstm() {
    List<String> a = graph.parts(graph.parameter("weight_hh", 3L * hidden), 3);
    List<String> p = graph.parts(graph.parameter("weight_ch", 2L * hidden), 2);
    return firstOutput(
        gates(3),
        2,
        (now, state) -> {
          String h = state.get(0);
          String c = state.get(1);
          String f = graph.multiplyAdd(p.get(0), c, graph.multiplyAdd(a.get(0), h, now.get(0)));
          String n = tanh(graph.multiplyAdd(a.get(2), h, now.get(2)));
          String next = graph.interpolate(n, c, sigmoid(f));
          String o = graph.multiplyAdd(p.get(1), next, graph.multiplyAdd(a.get(1), h, now.get(1)));
          return stateAsOutput(mul(sigmoid(o), tanh(next)), next);
        });
  }

  private String delta() {
    DeltaCell cell = (DeltaCell) Cells.named(workload.cell());
    String rate = scaled(-1, exp(graph.parameter("a_log", heads())));
    return graph.hasGatedDelta() ? ruled(cell, rate) : stepped(cell, rate);
  }

  /** By the library's operator, to which each Householder step is a step of its own. */
  private String ruled(DeltaCell cell, String rate) {
    Shape s = workload.shape();
    int n = cell.householder();
    long steps = (long) n * s.steps();
    long width = (long) n * hidden;
    String x = graph.swapped("x");
    String q = scaled(1 / Math.sqrt((double) size()), unit(own("weight_q", hidden, x), hidden));
    String decay = decay(rate, x);
    List<String> decays = new ArrayList<>(List.of(decay));
    for (int j = 1; j < n; j++) {
      decays.add(scaled(0, decay));
    }
    String y =
        graph.gatedDelta(
            graph.reshape(joined(Collections.nCopies(n, q)), s.batch(), steps, hidden),
            graph.reshape(unit(own("weight_k", width, x), width), s.batch(), steps, hidden),
            graph.reshape(own("weight_v", width, x), s.batch(), steps, hidden),
            graph.reshape(joined(decays), s.batch(), steps, heads()),
            graph.reshape(beta(cell, x), s.batch(), steps, heads()),
            heads());
    return graph.swapped(blocks(graph.reshape(y, s.batch(), s.steps(), width), n).getLast());
  }

  private String joined(List<String> values) {
    return values.size() == 1 ? values.getFirst() : graph.join(values);
  }

  /** Step by step. The state of a head is S [K, V]; vectors are rows, beta k a column. */
  private String stepped(DeltaCell cell, String rate) {
    Shape s = workload.shape();
    int n = cell.householder();
    List<String> series = new ArrayList<>();
    series.add(
        row(scaled(1 / Math.sqrt((double) size()), unit(own("weight_q", hidden, "x"), hidden))));
    series.add(graph.reshape(exp(decay(rate, "x")), s.steps(), s.batch(), heads(), 1, 1));
    long width = (long) n * hidden;
    List<String> keys = blocks(unit(own("weight_k", width, "x"), width), n);
    List<String> values = blocks(own("weight_v", width, "x"), n);
    List<String> betas = blocks(beta(cell, "x"), n);
    for (int j = 0; j < n; j++) {
      String beta = graph.reshape(betas.get(j), s.steps(), s.batch(), heads(), 1, 1);
      String key = row(keys.get(j));
      series.add(key);
      series.add(graph.reshape(mul(key, beta), s.steps(), s.batch(), heads(), size(), 1));
      series.add(row(values.get(j)));
    }
    String y =
        graph
            .loop(
                series,
                List.of(new long[] {s.batch(), heads(), size(), size()}),
                (now, state) -> {
                  String matrix = mul(now.get(1), state.getFirst());
                  for (int j = 0; j < n; j++) {
                    List<String> at = now.subList(2 + 3 * j, 5 + 3 * j);
                    String rest = sub(at.get(2), graph.apply(Op.MATMUL, at.get(0), matrix));
                    matrix = graph.multiplyAdd(at.get(1), rest, matrix);
                  }
                  String out = graph.apply(Op.MATMUL, now.getFirst(), matrix);
                  return new Step(List.of(matrix), List.of(out));
                })
            .getFirst();
    return graph.reshape(y, s.steps(), s.batch(), hidden);
  }

  /** log alpha of each head. */
  private String decay(String rate, String x) {
    String alpha =
        graph.product(x, weight("weight_alpha", heads()), graph.parameter("dt_bias", heads()));
    return mul(rate, softplus(alpha));
  }

  private String beta(DeltaCell cell, String x) {
    String beta = sigmoid(own("weight_beta", (long) cell.householder() * heads(), x));
    return cell.reach() == 1 ? beta : scaled(cell.reach(), beta);
  }

  private List<String> blocks(String all, int count) {
    return count == 1 ? List.of(all) : graph.parts(all, count);
  }

  private String row(String x) {
    Shape s = workload.shape();
    return graph.reshape(x, s.steps(), s.batch(), heads(), 1, size());
  }

  private int heads() {
    return workload.heads();
  }

  /** K and V. */
  private int size() {
    return hidden / heads();
  }

  private String own(String name, long rows, String x) {
    return graph.product(x, weight(name, rows), null);
  }

  private String weight(String name, long rows) {
    return graph.parameter(name, rows, workload.shape().inputSize());
  }

  /** Each head's vector divided by its length, {@code [all steps, width]}. */
  private String unit(String x, long width) {
    String vectors = graph.reshape(x, -1, size());
    String squares = graph.sum(mul(vectors, vectors));
    String length = graph.apply(Op.SQRT, graph.apply(Op.ADD, squares, graph.number(EPSILON)));
    return graph.reshape(graph.apply(Op.DIV, vectors, length), -1, width);
  }

  /** {@code h <- a h + b}. */
  private String linear(String a, String b) {
    return firstOutput(
        List.of(a, b),
        1,
        (now, h) -> stateAsOutput(graph.multiplyAdd(now.get(0), h.getFirst(), now.get(1))));
  }

  /** The first output of a loop whose states are rows of H. */
  private String firstOutput(List<String> series, int states, LoopGraph.Body body) {
    return graph.loop(series, Collections.nCopies(states, state()), body).getFirst();
  }

  private long[] state() {
    return new long[] {workload.shape().batch(), hidden};
  }

  /** A step whose first state is its output. */
  private static Step stateAsOutput(String... states) {
    return new Step(List.of(states), List.of(states[0]));
  }

  private String input(int gates) {
    long rows = (long) gates * hidden;
    return graph.product("x", weight("weight_ih", rows), graph.parameter("bias_ih", rows));
  }

  private List<String> gates(int count) {
    return graph.parts(input(count), count);
  }

  private String sub(String a, String b) {
    return graph.apply(Op.SUB, a, b);
  }

  private String mul(String a, String b) {
    return graph.apply(Op.MUL, a, b);
  }

  private String oneMinus(String a) {
    return sub(graph.number(1), a);
  }

  private String scaled(double factor, String a) {
    return mul(a, graph.number(factor));
  }

  private String sigmoid(String a) {
    return graph.apply(Op.SIGMOID, a);
  }

  private String tanh(String a) {
    return graph.apply(Op.TANH, a);
  }

  private String exp(String a) {
    return graph.apply(Op.EXP, a);
  }

  private String softplus(String a) {
    return graph.apply(Op.SOFTPLUS, a);
  }
}
