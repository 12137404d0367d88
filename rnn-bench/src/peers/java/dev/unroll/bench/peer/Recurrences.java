package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.LoopGraph.Step;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The recurrences that other libraries have no operator for, written with the operations that they
 * have: all that needs no state for all steps at once, and in the loop over the steps only what is
 * left. Equations and names are those of the cells' javadoc.
 */
final class Recurrences {
  private static final Map<String, Function<Recurrences, String>> WRITTEN =
      Map.ofEntries(
          Map.entry("slstm", Recurrences::slstm),
          Map.entry("min_gru", all -> all.minGru(1)),
          Map.entry("min_gru_signed", all -> all.minGru(2)),
          Map.entry("min_lstm", Recurrences::minLstm),
          Map.entry("indrnn", Recurrences::indRnn),
          Map.entry("para_gru", Recurrences::paraGru),
          Map.entry("para_lstm", Recurrences::paraLstm),
          Map.entry("lru", Recurrences::lru),
          Map.entry("rg_lru", Recurrences::rgLru),
          Map.entry("gated_delta", Recurrences::delta),
          Map.entry("gated_delta_signed", Recurrences::delta),
          Map.entry("delta_product2", Recurrences::delta));

  /** The cells that both libraries have an operator for. */
  private static final Set<String> OPERATORS = Set.of("rnn_tanh", "rnn_relu", "lstm", "gru");

  private static final double RG_LRU_RATE = -8;
  private static final double NORM = 1e-6;

  private final LoopGraph graph;
  private final Workload workload;
  private final int hidden;

  private Recurrences(LoopGraph graph, Workload workload) {
    this.graph = graph;
    this.workload = workload;
    hidden = workload.shape().hiddenSize();
  }

  /** Whether a cell has to be written so, and is. */
  static boolean has(String cell) {
    return WRITTEN.containsKey(cell);
  }

  /** Whether a cell is one of these, or an operator of both libraries. */
  static boolean hasOrNeedsNone(String cell) {
    return has(cell) || OPERATORS.contains(cell);
  }

  /**
   * Writes a layer, whose input {@code [T, B, I]} is {@code x}.
   *
   * @return y {@code [T, B, H]}, of the LRU {@code [T, B, 2 H]}
   * @throws NullPointerException if the cell is none of these
   */
  static String write(LoopGraph graph, Workload workload) {
    return Objects.requireNonNull(WRITTEN.get(workload.cell()), workload.cell())
        .apply(new Recurrences(graph, workload));
  }

  private String slstm() {
    String weight = graph.parameter("weight_hh", 4L * hidden, hidden); // of one head
    return first(
        List.of(input(4)),
        4,
        (now, state) -> {
          List<String> gates =
              graph.parts(add(now.getFirst(), graph.product(state.getFirst(), weight)), 4);
          String logForget = graph.apply(Op.NEG, softplus(graph.apply(Op.NEG, gates.get(1))));
          String kept = add(state.get(3), logForget);
          String m = graph.apply(Op.MAX, gates.get(0), kept);
          String keep = exp(sub(kept, m));
          String take = exp(sub(gates.get(0), m));
          String c = add(mul(keep, state.get(1)), mul(take, tanh(gates.get(2))));
          String n = add(mul(keep, state.get(2)), take);
          return only(mul(sigmoid(gates.get(3)), graph.apply(Op.DIV, c, n)), c, n, m);
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
    String sum = add(f, i);
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
    String cos = mul(radius, graph.apply(Op.COS, phase));
    String sin = mul(radius, graph.apply(Op.SIN, phase));
    return graph.join(
        loop(
            List.of(mul(gamma, gates.get(0)), mul(gamma, gates.get(1))),
            2,
            (now, s) -> {
              String re = sub(mul(cos, s.get(0)), mul(sin, s.get(1)));
              String im = add(mul(sin, s.get(0)), mul(cos, s.get(1)));
              List<String> next = List.of(add(re, now.get(0)), add(im, now.get(1)));
              return new Step(next, next);
            }));
  }

  private String indRnn() {
    String weight = graph.parameter("weight_hh", hidden);
    return first(
        List.of(input(1)),
        1,
        (now, h) -> only(graph.apply(Op.RELU, add(now.get(0), mul(weight, h.get(0))))));
  }

  private String paraGru() {
    List<String> a = graph.parts(graph.parameter("weight_hh", 3L * hidden), 3);
    return first(
        gates(3),
        1,
        (now, state) -> {
          String h = state.getFirst();
          String z = sigmoid(add(now.get(0), mul(a.get(0), h)));
          String r = sigmoid(add(now.get(1), mul(a.get(1), h)));
          String n = tanh(add(now.get(2), mul(a.get(2), mul(h, r))));
          return only(add(h, mul(z, sub(n, h))));
        });
  }

  private String paraLstm() {
    List<String> a = graph.parts(graph.parameter("weight_hh", 3L * hidden), 3);
    List<String> p = graph.parts(graph.parameter("weight_ch", 2L * hidden), 2);
    return first(
        gates(3),
        2,
        (now, state) -> {
          String h = state.get(0);
          String c = state.get(1);
          String f = sigmoid(add(add(now.get(0), mul(a.get(0), h)), mul(p.get(0), c)));
          String n = tanh(add(now.get(2), mul(a.get(2), h)));
          String next = add(n, mul(f, sub(c, n)));
          String o = sigmoid(add(add(now.get(1), mul(a.get(1), h)), mul(p.get(1), next)));
          return only(mul(o, tanh(next)), next);
        });
  }

  /** The state of a head is a matrix [K, V]; rows of keys and values, and a column of each key. */
  private String delta() {
    DeltaCell cell = (DeltaCell) Cells.named(workload.cell());
    Shape s = workload.shape();
    int n = cell.householder();
    long heads = workload.heads();
    long size = hidden / heads;
    String q = unit(headed("weight_q", 1, size).getFirst());
    List<String> series = new ArrayList<>();
    series.add(scaled(1 / Math.sqrt((double) size), q));
    String rate = scaled(-1, exp(graph.parameter("a_log", heads)));
    String alpha = add(own("weight_alpha", heads), graph.parameter("dt_bias", heads));
    String gain = exp(mul(rate, softplus(alpha)));
    series.add(graph.reshape(gain, s.steps(), s.batch(), heads, 1, 1));
    List<String> keys = headed("weight_k", n, size);
    List<String> values = headed("weight_v", n, size);
    List<String> betas = headed("weight_beta", n, 1);
    for (int j = 0; j < n; j++) {
      String key = unit(keys.get(j));
      series.add(key);
      series.add(graph.reshape(key, s.steps(), s.batch(), heads, size, 1));
      series.add(values.get(j));
      String beta = sigmoid(betas.get(j));
      series.add(cell.reach() == 1 ? beta : scaled(cell.reach(), beta));
    }
    String y =
        graph
            .loop(
                series,
                List.of(new long[] {s.batch(), heads, size, size}),
                (now, state) -> {
                  String matrix = mul(now.get(1), state.getFirst());
                  for (int j = 0; j < n; j++) {
                    List<String> at = now.subList(2 + 4 * j, 6 + 4 * j);
                    String rest = sub(at.get(2), graph.apply(Op.MATMUL, at.get(0), matrix));
                    matrix = add(matrix, mul(at.get(1), mul(at.get(3), rest)));
                  }
                  String out = graph.apply(Op.MATMUL, now.getFirst(), matrix);
                  return new Step(List.of(matrix), List.of(out));
                })
            .getFirst();
    return graph.reshape(y, s.steps(), s.batch(), hidden);
  }

  /** What x gives in each head, {@code [T, B, N, 1, size]}, for each of some blocks of rows. */
  private List<String> headed(String weight, int blocks, long size) {
    Shape s = workload.shape();
    String all = own(weight, (long) blocks * workload.heads() * size);
    return (blocks == 1 ? List.of(all) : graph.parts(all, blocks))
        .stream()
            .map(part -> graph.reshape(part, s.steps(), s.batch(), workload.heads(), 1, size))
            .toList();
  }

  private String own(String weight, long rows) {
    return graph.product("x", graph.parameter(weight, rows, workload.shape().inputSize()));
  }

  private String unit(String x) {
    String length = graph.apply(Op.SQRT, add(graph.sum(mul(x, x)), graph.number(NORM)));
    return graph.apply(Op.DIV, x, length);
  }

  /** {@code h <- a h + b}. */
  private String linear(String a, String b) {
    return first(
        List.of(a, b), 1, (now, h) -> only(add(mul(now.get(0), h.getFirst()), now.get(1))));
  }

  private String first(List<String> series, int states, LoopGraph.Body body) {
    return loop(series, states, body).getFirst();
  }

  private List<String> loop(List<String> series, int states, LoopGraph.Body body) {
    long batch = workload.shape().batch();
    List<long[]> zeros =
        IntStream.range(0, states).mapToObj(i -> new long[] {batch, hidden}).toList();
    return graph.loop(series, zeros, body);
  }

  /** Of a step, its states, the first of which is the output. */
  private static Step only(String... states) {
    return new Step(List.of(states), List.of(states[0]));
  }

  private String input(int gates) {
    long rows = (long) gates * hidden;
    return add(own("weight_ih", rows), graph.parameter("bias_ih", rows));
  }

  private List<String> gates(int count) {
    return graph.parts(input(count), count);
  }

  private String add(String a, String b) {
    return graph.apply(Op.ADD, a, b);
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
