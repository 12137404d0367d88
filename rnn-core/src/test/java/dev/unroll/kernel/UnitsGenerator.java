package dev.unroll.kernel;

import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Generates {@link Units}: loops over rows and units around the {@link Equations} of gated cells,
 * once in vectors and once in plain Java. {@link GeneratedKernelsTest} holds the file against this.
 */
final class UnitsGenerator {
  private static final String HEAD =
      """
      package dev.unroll.kernel;

      import static dev.unroll.kernel.Activations.*;

      import jdk.incubator.vector.FloatVector;
      import jdk.incubator.vector.IntVector;
      import jdk.incubator.vector.VectorOperators;

      /**
       * What gated units do in a step after their products: activations, and the equations around
       * them in the same loop, which saves trips through memory and the overhead of short loops. The
       * bits are those of {@link Activations} and the equations one after the other.
       *
       * <p>Activations are written out here; {@link Activations} says why.
       *
       * <p>Nothing here allocates, starts threads or keeps state.
       */
      public final class Units {
        private Units() {}
      """;

  private static final String VECTORS =
      """

      /** Apart, since only a class that is never linked may mention an absent Vector API. */
      private static final class Vectors {
        private Vectors() {}
      """;

  private final StringBuilder out = new StringBuilder(HEAD);
  private final StringBuilder vectorForms = new StringBuilder();

  private UnitsGenerator() {}

  /** {@return the file, yet to be formatted} */
  static String source() {
    UnitsGenerator generator = new UnitsGenerator();
    generator.dense();
    generator.diagonal();
    return generator.out + VECTORS + generator.vectorForms + "}\n}\n";
  }

  /** Rows are sequences. */
  private void dense() {
    String where =
        """
         * @param g0 offset of row 0
         * @param ldg stride of its rows
         * @param before offset of the old states
         * @param after offset of the new ones
         * @param ld stride of their rows
         * @param rows sequences
        """;
    String row =
        "int gate = g0 + row * ldg;\nint from = before + row * ld;\nint to = after + row * ld;\n";
    kernel(
        """
         * The states of an LSTM after its gates: c = f c + i g and h = o tanh(c), 16 units a row.
         *
         * @param h written
         * @param c read and written
         * @param gates i, f, o and g, 16 of each in a row
        """
            + where,
        "lstm",
        "float[] h, float[] c, float[] gates, int g0, int ldg, int before, int after, int ld",
        16,
        row,
        new Equations()
            .element("I", "gates", "gate + u")
            .element("F", "gates", "gate + 16 + u")
            .element("O", "gates", "gate + 32 + u")
            .element("G", "gates", "gate + 48 + u")
            .element("C", "c", "from + u")
            .element("NEXT_C", "c", "to + u")
            .element("NEXT_H", "h", "to + u"),
        "i = I; g = G; ig = mul(i, g); f = F; c0 = C; c1 = fma(f, c0, ig); NEXT_C = c1"
            + "; t = tanh(c1); o = O; NEXT_H = mul(o, t)");
    kernel(
        """
         * The state of a GRU after its gates: n = tanh(x + r q) and h = (1 - z) n + z h, 16 units a
         * row.
         *
         * @param h read and written
         * @param gates x, which n replaces, r, z and q, 16 of each in a row
        """
            + where,
        "gru",
        "float[] h, float[] gates, int g0, int ldg, int before, int after, int ld",
        16,
        row,
        new Equations()
            .element("X", "gates", "gate + u")
            .element("R", "gates", "gate + 16 + u")
            .element("Z", "gates", "gate + 32 + u")
            .element("Q", "gates", "gate + 48 + u")
            .element("H", "h", "from + u")
            .element("NEXT_H", "h", "to + u"),
        "r = R; q = Q; x = X; n = fma(r, q, x); n = tanh(n); X = n"
            + "; z = Z; h0 = H; d = sub(h0, n); NEXT_H = fma(z, d, n)");
  }

  /** Rows are steps of a strip of 64 units, each from the state that the one before leaves. */
  private void diagonal() {
    String gates =
        """
         * @param g0 offset of row 0 of the first
         * @param gateStride from one to the next
         * @param ldg stride of rows
        """;
    String constants =
        """
         * @param k0 offset of the first
         * @param rows steps
        """;
    kernel(
        """
         * Steps of a ParaGRU, 64 units: z = sigmoid(z + a_z h), r = sigmoid(r + a_r h),
         * n = tanh(n + a_n (h r)) and h = (1 - z) h + z n.
         *
         * @param states row 0 is read, the rows after it are written
         * @param s0 offset of row 0
         * @param lds stride of rows
         * @param gates z, r and n before their activations; replaced by what they are after them
        """
            + gates
            + " * @param constants a_z, a_r and a_n, 64 of each\n"
            + constants,
        "paraGru",
        "float[] states, int s0, int lds, float[] gates, int g0, int gateStride, int ldg,"
            + " float[] constants, int k0",
        64,
        "int s = s0 + row * lds;\nint gate = g0 + row * ldg;\n",
        new Equations()
            .element("H", "states", "s + u")
            .element("NEXT_H", "states", "s + lds + u")
            .element("Z", "gates", "gate + u")
            .element("R", "gates", "gate + gateStride + u")
            .element("N", "gates", "gate + 2 * gateStride + u")
            .element("AZ", "constants", "k0 + u")
            .element("AR", "constants", "k0 + 64 + u")
            .element("AN", "constants", "k0 + 128 + u"),
        "h = H; az = AZ; z = Z; z = fma(az, h, z); z = sigmoid(z); Z = z"
            + "; ar = AR; r = R; r = fma(ar, h, r); r = sigmoid(r); R = r"
            + "; an = AN; hr = mul(h, r); n = N; N = fma(an, hr, n)",
        "n = N; n = tanh(n); N = n; h = H; d = sub(n, h); z = Z; NEXT_H = fma(z, d, h)");
    kernel(
        """
         * Steps of a ParaLSTM, 64 units: f = sigmoid(f + a_f h + p_f c), n = tanh(n + a_c h),
         * c = f c + (1 - f) n, o = sigmoid(o + a_o h + p_o c) and h = o tanh(c).
         *
         * @param states row 0 of h and c is read, the rows after it are written
         * @param s0 offset of row 0 of h
         * @param planeStride from h to c
         * @param lds stride of rows
         * @param gates f, o and n before their activations; replaced by what they are after them
        """
            + gates
            + " * @param constants a_f, a_o, a_c, p_f and p_o, 64 of each\n"
            + constants,
        "paraLstm",
        "float[] states, int s0, int planeStride, int lds, float[] gates, int g0, int gateStride,"
            + " int ldg, float[] constants, int k0",
        64,
        "int s = s0 + row * lds;\nint next = s + lds;\nint gate = g0 + row * ldg;\n",
        new Equations()
            .element("H", "states", "s + u")
            .element("C", "states", "s + planeStride + u")
            .element("NEXT_H", "states", "next + u")
            .element("NEXT_C", "states", "next + planeStride + u")
            .element("F", "gates", "gate + u")
            .element("O", "gates", "gate + gateStride + u")
            .element("N", "gates", "gate + 2 * gateStride + u")
            .element("AF", "constants", "k0 + u")
            .element("AO", "constants", "k0 + 64 + u")
            .element("AC", "constants", "k0 + 128 + u")
            .element("PF", "constants", "k0 + 192 + u")
            .element("PO", "constants", "k0 + 256 + u"),
        "h = H; c = C; af = AF; f = F; f = fma(af, h, f); pf = PF; f = fma(pf, c, f)"
            + "; f = sigmoid(f); F = f"
            + "; ac = AC; n = N; n = fma(ac, h, n); n = tanh(n); N = n"
            + "; d = sub(c, n); c = fma(f, d, n); NEXT_C = c"
            + "; ao = AO; o = O; o = fma(ao, h, o); po = PO; O = fma(po, c, o)",
        "o = O; o = sigmoid(o); O = o; c = NEXT_C; t = tanh(c); NEXT_H = mul(o, t)");
  }

  private void kernel(
      String javadoc,
      String name,
      String parameters,
      int units,
      String row,
      Equations equations,
      String... loops) {
    String arguments =
        List.of((parameters + ", int rows").split(", ")).stream()
            .map(parameter -> parameter.substring(parameter.indexOf(' ') + 1))
            .collect(Collectors.joining(", "));
    String signature = name + "(" + parameters + ", int rows) {\n";
    out.append("\n/**\n").append(javadoc).append(" */\npublic static void ").append(signature);
    out.append("if (Lanes.VECTOR) {\nVectors.%s(%s);\n} else {\n".formatted(name, arguments));
    loops(out, units, row, equations, loops, 0);
    out.append("}\n}\n");
    vectorForms.append("\nstatic void ").append(signature);
    loops(vectorForms, units, row, equations, loops, 1);
    vectorForms.append("}\n");
  }

  private static void loops(
      StringBuilder out, int units, String row, Equations equations, String[] loops, int vectors) {
    out.append("for (int row = 0; row < rows; row++) {\n").append(row);
    for (String loop : loops) {
      out.append(
          "for (int u = 0; u < %d; u%s) {\n"
              .formatted(units, vectors == 0 ? "++" : " += Lanes.LENGTH"));
      equations.write(out, loop, new HashSet<>(), vectors);
      out.append("}\n");
    }
    out.append("}\n");
  }
}
