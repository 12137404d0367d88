package dev.unroll.kernel;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Generates {@link Scan}: the one loop over columns and steps around six recurrences, each given by
 * its {@link Equations}, once in vectors, four side by side, and once in plain Java. {@link
 * GeneratedKernelsTest} holds the file against this.
 */
final class ScanGenerator {
  private static final String HEAD =
      """
      package dev.unroll.kernel;

      import jdk.incubator.vector.FloatVector;

      /**
       * The linear recurrence h_t = a_t h_(t-1) + b_t over a block of {@value #BLOCK} steps or fewer,
       * column by column, forward and backward.
       *
       * <p>A block is solved from zero, its solution l beside the product p of its a so far; then h_t =
       * p_t h_before + l_t. So what a block does to the state before it can be computed before that
       * state is known ({@link #forwardLocal}, {@link #backwardLocal}); {@link #connect} then takes the
       * state from block to block, and {@link #forward} and {@link #backward} solve each. The bits are
       * the same as in one block after another.
       *
       * <p>Row r of an array is the r-th step of the block in the order in which the recurrence runs. It
       * starts at the array's offset plus r times its stride, which is negative where the recurrence runs
       * from the last step to the first. Columns are independent.
       *
       * <p>Nothing here allocates, starts threads or keeps state.
       */
      public final class Scan {
        /** Steps of a block; fixed, since results depend on it. */
        public static final int BLOCK = 64;

        private static final int L = Lanes.LENGTH;

        /** Columns of one pass over the steps: as many sums as hide the latency of one. */
        private static final int TILE = 4 * L;

        private Scan() {}

        /**
         * Takes the state from before a block to after it.
         *
         * @param state the state before the block, replaced by the one after
         * @param sFrom its offset
         * @param product p of the whole block, replaced by the state before it
         * @param solution l of the whole block
         * @param pFrom the offset of both
         * @param columns columns
         */
        public static void connect(
            float[] state, int sFrom, float[] product, float[] solution, int pFrom, int columns) {
          for (int j = 0; j < columns; j++) {
            float before = state[sFrom + j];
            state[sFrom + j] = Math.fma(product[pFrom + j], before, solution[pFrom + j]);
            product[pFrom + j] = before;
          }
        }

        /**
         * One step of {@link #forward} for a block whose steps come one at a time; the same bits.
         *
         * @param h the solution, written
         * @param hFrom its offset
         * @param before the state before the block
         * @param product p of the block so far, all 1 before its first step; goes one step on
         * @param solution l of the block so far, all 0 before its first step; goes one step on
         * @param pFrom the offset of these three
         * @param a coefficients
         * @param b inhomogeneities
         * @param from the offset of both
         * @param columns columns
         */
        public static void step(
            float[] h,
            int hFrom,
            float[] before,
            float[] product,
            float[] solution,
            int pFrom,
            float[] a,
            float[] b,
            int from,
            int columns) {
          for (int j = 0; j < columns; j++) {
            float l = Math.fma(a[from + j], solution[pFrom + j], b[from + j]);
            float p = product[pFrom + j] * a[from + j];
            solution[pFrom + j] = l;
            product[pFrom + j] = p;
            h[hFrom + j] = Math.fma(p, before[pFrom + j], l);
          }
        }
      """;

  private static final Map<String, String> MEANING =
      Map.ofEntries(
          Map.entry("h", "the solution, written; may be b"),
          Map.entry("hFrom", "offset of its row 0"),
          Map.entry("ldh", "stride of its rows"),
          Map.entry("dh", "gradients to h from outside, replaced by the whole gradients to h"),
          Map.entry("gradH", "gradients to h from outside"),
          Map.entry("state", "what comes into the block, replaced by what goes out of it"),
          Map.entry("sFrom", "its offset"),
          Map.entry("product", "p of the whole block, written"),
          Map.entry("solution", "l of the whole block, written"),
          Map.entry("pFrom", "the offset of both"),
          Map.entry("a", "coefficients"),
          Map.entry("b", "inhomogeneities"),
          Map.entry("from", "offset of row 0 of the inputs"),
          Map.entry("ld", "stride of their rows"),
          Map.entry("rows", "steps"),
          Map.entry("columns", "columns"));

  /** The elements of the step and column in hand. */
  private static final Equations EQUATIONS =
      new Equations()
          .element("h", "h", "to")
          .element("dh", "dh", "at")
          .element("gradH", "gradH", "at")
          .element("a", "a", "at")
          .element("b", "b", "at")
          .element("state", "state", "sFrom + j")
          .element("product", "product", "pFrom + j")
          .element("solution", "solution", "pFrom + j");

  private static final String VECTORS =
      """

      /** Apart, since only a class that is never linked may mention an absent Vector API. */
      private static final class Vectors {
        private Vectors() {}
      """;

  private final StringBuilder out = new StringBuilder(HEAD);
  private final StringBuilder vectorForms = new StringBuilder();

  private ScanGenerator() {}

  /** {@return the file, yet to be formatted} */
  static String source() {
    ScanGenerator generator = new ScanGenerator();
    String solve = "h hFrom ldh state sFrom a b from ld rows columns";
    String local = "product solution pFrom a %s from ld rows columns";
    String back = "dh state sFrom a from ld rows columns";
    generator.kernel(
        "Solves a block whose state before is known.",
        "forward",
        solve,
        "c = state; l = 0; p = 1",
        "x = a; y = b; l = fma(x, l, y); p = mul(p, x); h = fma(p, c, l)",
        "state = fma(p, c, l)");
    generator.kernel(
        "What {@link #forward} does to its state, without knowing it: p state + l.",
        "forwardLocal",
        local.formatted("b"),
        "l = 0; p = 1",
        "x = a; y = b; l = fma(x, l, y); p = mul(p, x)",
        "product = p; solution = l");
    generator.kernel(
        "As {@link #forward}, step by step: the first block of a sequence, or all of it.",
        "forwardSerial",
        solve,
        "c = state",
        "x = a; y = b; c = fma(x, c, y); h = c",
        "state = c");
    generator.kernel(
        "The gradients to h in a block, later steps first: dh_t += e, then e = a_t dh_t is what"
            + " goes on to the step before. The state is e.",
        "backward",
        back,
        "c = state; l = 0; p = 1",
        "x = a; d = dh; e = fma(p, c, l); dh = add(e, d); s = add(l, d); l = mul(x, s);"
            + " p = mul(p, x)",
        "state = fma(p, c, l)");
    generator.kernel(
        "What {@link #backward} does to its state, without knowing it: p state + l.",
        "backwardLocal",
        local.formatted("gradH"),
        "l = 0; p = 1",
        "x = a; d = gradH; s = add(l, d); l = mul(x, s); p = mul(p, x)",
        "product = p; solution = l");
    generator.kernel(
        "As {@link #backward}, step by step: the first block that the gradient comes to, or all.",
        "backwardSerial",
        back,
        "c = state",
        "x = a; d = dh; s = add(d, c); dh = s; c = mul(x, s)",
        "state = c");
    return generator.out + VECTORS + generator.vectorForms + "}\n}\n";
  }

  /**
   * Writes one kernel.
   *
   * @param start equations before the steps: the numbers that go from step to step
   * @param step those of one step
   * @param end those after the steps
   */
  private void kernel(
      String meaning, String name, String parameters, String start, String step, String end) {
    List<String> names = List.of(parameters.split(" "));
    out.append("\n/**\n * ").append(meaning).append("\n *\n");
    for (String parameter : names) {
      out.append(" * @param %s %s\n".formatted(parameter, MEANING.get(parameter)));
    }
    String signature =
        names.stream()
            .map(parameter -> (EQUATIONS.isElement(parameter) ? "float[] " : "int ") + parameter)
            .collect(Collectors.joining(", ", "(", ") {\n"));
    out.append(" */\npublic static void ").append(name).append(signature);
    String steps = "for (int r = 0; r < rows; r++) {\nint at = from + j + r * ld;\n";
    if (names.contains("h")) {
      steps += "int to = hFrom + j + r * ldh;\n";
    }
    out.append("int j = Lanes.VECTOR ? Vectors.").append(name);
    out.append("(").append(String.join(", ", names)).append(") : 0;\n");
    out.append("for (; j < columns; j++) {\n");
    body(out, start, steps, step, end, 0);
    out.append("}\n}\n");
    vectorForms.append("\n/** {@return the columns that are done, in whole tiles} */\nstatic int ");
    vectorForms.append(name).append(signature);
    vectorForms.append("int j = 0;\nfor (; j + TILE <= columns; j += TILE) {\n");
    body(vectorForms, start, steps, step, end, 4);
    vectorForms.append("}\nreturn j;\n}\n");
  }

  private static void body(
      StringBuilder out, String start, String steps, String step, String end, int vectors) {
    Set<String> carried = new HashSet<>();
    EQUATIONS.write(out, start, carried, vectors);
    out.append(steps);
    EQUATIONS.write(out, step, new HashSet<>(carried), vectors);
    out.append("}\n");
    EQUATIONS.write(out, end, carried, vectors);
  }
}
