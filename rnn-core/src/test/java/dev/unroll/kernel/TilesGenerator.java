package dev.unroll.kernel;

/**
 * Generates {@link Tiles}, {@link Bf16Tiles} and {@link Int8Tiles}: methods without a branch, which
 * differ only in how many rows and vectors they have. {@link GeneratedKernelsTest} holds the files
 * against this.
 */
final class TilesGenerator {
  private static final String HEAD =
      """
      package dev.unroll.kernel;

      import jdk.incubator.vector.FloatVector;

      /**
       * The innermost loops: tiles of 1 to 6 rows by 4, 2 or 1 vectors, or of 1 by 8, whose sums stay in
       * registers.
       *
       * <p>Each method is flat and free of branches on the shape, so that C2 compiles it once and well
       * whatever ran before; a helper call inside would stop being inlined and box every vector. The
       * accumulators (up to 24) are loaded from C and stored straight back. Every sum runs over k in
       * index order with fma, one lane an output, so the width of a vector never shows in the bits.
       *
       * <p>One loop a method: with a second one around it, for sums in several runs, C2 gave product6x4
       * half its speed in every process that had met one run before several.
       *
       * <p>The order of the parameters is not that of the other kernels (outputs, inputs, sizes), but
       * chosen for C2: the operands of the loop come last. The first six arrive in registers, and what C2
       * must then spill it moves to vector registers and back in every turn of the loop, on the pipes of
       * the fma; what arrives on the stack it reads from there.
       *
       * <p>{@code productRxV}: C[r][v] += sum over k of A[r][k] B[k][v] for R rows r and V vectors v. A is
       * row-major with stride {@code lda}. B is a packed panel {@code [k][64]} of which the tile takes V
       * neighbouring vectors. Vector v of C starts at {@code cV} and its rows are {@code ldc} apart.
       *
       * <p>{@code product1x8} takes four neighbouring vectors at b0 and four at b4. Four sums wait for each
       * other, as an fma takes four cycles and there are two pipes; eight keep both busy.
       *
       * <p>{@code outerRxV}: C[i][v] += sum over r of A[r][i] B[r][v] for R columns i of A (the gradient
       * to weights). Rows of A are {@code lda} apart, rows of B and C 64; vector v of B starts at {@code
       * bV}. The sum starts from zero and is added to C at the end: one chunk of a sum in chunks.
       *
       * <p>Two vectors are for 256 bits: x86 processors without AVX-512 have 16 vector registers, in which
       * 12 sums, two vectors of B and one of A fit, but not 24 sums. One vector is for the columns that
       * are left when the last tile of four would be mostly empty; a single row gains nothing there, as an
       * fma takes as long as the four of a whole tile.
       *
       * <p>Not here: any choice of tile, any tail. {@link Gemm} and {@link OuterProducts} do both.
       */
      final class Tiles {
        private static final int L = Lanes.LENGTH;

        private Tiles() {}
      """;

  private static final String BF16_HEAD =
      """
      package dev.unroll.kernel;

      import jdk.incubator.vector.FloatVector;
      import jdk.incubator.vector.IntVector;
      import jdk.incubator.vector.VectorOperators;

      /**
       * The product tiles of {@link Tiles} with B as {@link Bf16Panels} hold it: a vector of ints gives
       * two of floats, the low halves by a shift, the high ones by a mask.
       */
      final class Bf16Tiles {
        private Bf16Tiles() {}
      """;

  private static final String INT8_HEAD =
      """
      package dev.unroll.kernel;

      import jdk.incubator.vector.FloatVector;
      import jdk.incubator.vector.IntVector;
      import jdk.incubator.vector.VectorOperators;

      /**
       * The product tiles of {@link Tiles} with B as {@link Int8Panels} hold it: a vector of ints gives
       * four of floats: a byte at the top of an int is q times 2^24, and scales are that much smaller.
       * Sums start from zero; scaled, they are added to C.
       */
      final class Int8Tiles {
        private Int8Tiles() {}
      """;

  private enum Format {
    F32,
    BF16,
    INT8
  }

  private final StringBuilder out = new StringBuilder();
  private final Format format;

  private TilesGenerator(Format format, String head) {
    this.format = format;
    out.append(head);
  }

  /** {@return the file Bf16Tiles, yet to be formatted} */
  static String bf16() {
    return rounded(Format.BF16, BF16_HEAD);
  }

  /** {@return the file Int8Tiles, yet to be formatted} */
  static String int8() {
    return rounded(Format.INT8, INT8_HEAD);
  }

  private static String rounded(Format format, String head) {
    TilesGenerator generator = new TilesGenerator(format, head);
    generator.tiles(4, 1, false);
    generator.two();
    return generator.out.append("}\n").toString();
  }

  /** {@return the file Tiles, yet to be formatted} */
  static String source() {
    TilesGenerator generator = new TilesGenerator(Format.F32, HEAD);
    generator.tiles(4, 1, true);
    generator.tiles(2, 3, true);
    generator.tiles(1, 2, false);
    generator.two();
    return generator.out.append("}\n").toString();
  }

  private void tiles(int vectors, int fewestRows, boolean outer) {
    for (int rows = 6; rows >= fewestRows; rows--) {
      product(rows, vectors);
    }
    for (int rows = 6; outer && rows >= fewestRows; rows--) {
      outer(rows, vectors);
    }
  }

  private void product(int rows, int vectors) {
    line("static void product%dx%d(float[] c, int c0,".formatted(rows, vectors));
    for (int v = 1; v < vectors; v++) {
      line("int c%d,".formatted(v));
    }
    line("int ldc,");
    if (format == Format.INT8) {
      line("float[] scale, int scale0,");
    }
    line("int k, float[] a, int a0, int lda, %s b, int b0) {".formatted(arrayOfB()));
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < vectors; v++) {
        line("FloatVector s%d%d = %s;".formatted(r, v, start(r, v)));
      }
    }
    for (int r = 1; r < rows; r++) {
      line("int a%d = a%d + lda;".formatted(r, r - 1));
    }
    for (int v = 1; v < vectors && format == Format.F32; v++) {
      line("int b%d = b%d + L;".formatted(v, v - 1));
    }
    line("for (int i = 0; i < k; i++) {");
    if (vectors == 1) {
      line("FloatVector v = FloatVector.fromArray(Lanes.SPECIES, b, b0 + i * Panels.WIDTH);");
      for (int r = 0; r < rows; r++) {
        line(
            "s%d0 = FloatVector.broadcast(Lanes.SPECIES, a[a%d + i]).fma(v, s%d0);"
                .formatted(r, r, r));
      }
    } else {
      if (format == Format.F32) {
        line("int q = i * Panels.WIDTH;");
        loadFloats(0, vectors);
      } else {
        load(0);
      }
      for (int r = 0; r < rows; r++) {
        add(r, vectors, "a" + r + " + i");
      }
    }
    line("}");
    for (int v = 0; v < vectors && format == Format.INT8; v++) {
      String at = "scale0" + times(v, "Columns.ATOM");
      line("FloatVector f%d = FloatVector.fromArray(Lanes.SPECIES, scale, %s);".formatted(v, at));
    }
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < vectors; v++) {
        String sum = "s%d%d".formatted(r, v);
        String all = format == Format.INT8 ? "%s.fma(f%d, %s)".formatted(sum, v, c(r, v)) : sum;
        line("%s.intoArray(c, c%d%s);".formatted(all, v, times(r, "ldc")));
      }
    }
    line("}\n");
  }

  /** A row by twice four vectors: eight sums, as many as keep two pipes busy. */
  private void two() {
    String scales = format == Format.INT8 ? "float[] scale, int scale0, int scale4," : "";
    line("static void product1x8(float[] c,");
    for (int v = 0; v < 8; v++) {
      line("int c%d,".formatted(v));
    }
    line("%s int k, float[] a, int a0, %s b, int b0, int b4) {".formatted(scales, arrayOfB()));
    for (int v = 0; v < 8; v++) {
      line("FloatVector s0%d = %s;".formatted(v, start(0, v)));
    }
    for (int v = 0; v < 7 && format == Format.F32; v += v == 2 ? 2 : 1) {
      line("int b%d = b%d + L;".formatted(v + 1, v));
    }
    line("for (int i = 0; i < k; i++) {");
    if (format == Format.F32) {
      line("int q = i * Panels.WIDTH;");
    }
    line("FloatVector x0 = FloatVector.broadcast(Lanes.SPECIES, a[a0 + i]);");
    for (int first = 0; first < 8; first += 4) {
      load(first);
      for (int v = first; v < first + 4; v++) {
        line("s0%d = x0.fma(v%d, s0%d);".formatted(v, v, v));
      }
    }
    line("}");
    for (int v = 0; v < 8; v++) {
      String sum = "s0%d".formatted(v);
      String at = "scale%d%s".formatted(v / 4 * 4, times(v % 4, "Columns.ATOM"));
      String scale = "FloatVector.fromArray(Lanes.SPECIES, scale, %s)".formatted(at);
      String all = format == Format.INT8 ? "%s.fma(%s, %s)".formatted(sum, scale, c(0, v)) : sum;
      line("%s.intoArray(c, c%d);".formatted(all, v));
    }
    line("}\n");
  }

  /** One row of B of a group whose vectors are numbered from the first. */
  private void load(int first) {
    switch (format) {
      case F32 -> loadFloats(first, 4);
      case BF16 -> loadHalves(first);
      case INT8 -> loadBytes(first);
    }
  }

  private String arrayOfB() {
    return format == Format.F32 ? "float[]" : "int[]";
  }

  private String start(int r, int v) {
    return format == Format.INT8 ? "FloatVector.zero(Lanes.SPECIES)" : c(r, v);
  }

  private static String c(int r, int v) {
    return "FloatVector.fromArray(Lanes.SPECIES, c, c%d%s)".formatted(v, times(r, "ldc"));
  }

  private void loadHalves(int first) {
    line("int q%d = b%d + i * (Panels.WIDTH / 2);".formatted(first, first));
    for (int v = first; v < first + 4; v += 2) {
      String at = "q%d%s".formatted(first, v == first ? "" : " + Columns.ATOM");
      line("IntVector w%d = IntVector.fromArray(Lanes.INTS, b, %s);".formatted(v, at));
      String low = "w%d.lanewise(VectorOperators.LSHL, 16)".formatted(v);
      line("FloatVector v%d = %s.reinterpretAsFloats();".formatted(v, low));
      String high = "w%d.and(0xffff0000)".formatted(v);
      line("FloatVector v%d = %s.reinterpretAsFloats();".formatted(v + 1, high));
    }
  }

  private void loadBytes(int first) {
    String at = "b%d + i * (Panels.WIDTH / 4)".formatted(first);
    line("IntVector w%d = IntVector.fromArray(Lanes.INTS, b, %s);".formatted(first, at));
    for (int v = 0; v < 4; v++) {
      String top = v == 3 ? "" : ".lanewise(VectorOperators.LSHL, %d)".formatted(24 - 8 * v);
      String only = v == 0 ? "" : ".and(0xff000000)";
      String f = "w%d%s%s.convert(VectorOperators.I2F, 0)".formatted(first, top, only);
      line("FloatVector v%d = (FloatVector) %s;".formatted(first + v, f));
    }
  }

  private void outer(int rows, int vectors) {
    line("static void outer%dx%d(float[] c, int c0,".formatted(rows, vectors));
    for (int v = 1; v < vectors; v++) {
      line("int b%d,".formatted(v));
    }
    line("int rows, float[] a, int a0, int lda, float[] b, int b0) {");
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < vectors; v++) {
        line("FloatVector s%d%d = FloatVector.zero(Lanes.SPECIES);".formatted(r, v));
      }
    }
    line("for (int k = 0; k < rows; k++) {");
    line("int q = k * Panels.WIDTH;");
    line("int i = a0 + k * lda;");
    loadFloats(0, vectors);
    for (int r = 0; r < rows; r++) {
      add(r, vectors, r == 0 ? "i" : "i + " + r);
    }
    line("}");
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < vectors; v++) {
        String at = "c0" + times(r, "Panels.WIDTH") + times(v, "L");
        String old = "FloatVector.fromArray(Lanes.SPECIES, c, " + at + ")";
        line("%s.add(s%d%d).intoArray(c, %s);".formatted(old, r, v, at));
      }
    }
    line("}\n");
  }

  /** Some vectors of a row of B of floats. */
  private void loadFloats(int first, int vectors) {
    for (int v = first; v < first + vectors; v++) {
      line("FloatVector v%d = FloatVector.fromArray(Lanes.SPECIES, b, b%d + q);".formatted(v, v));
    }
  }

  /** One number of A times that row, added to a row of sums. */
  private void add(int r, int vectors, String index) {
    line("FloatVector x%d = FloatVector.broadcast(Lanes.SPECIES, a[%s]);".formatted(r, index));
    for (int v = 0; v < vectors; v++) {
      line("s%d%d = x%d.fma(v%d, s%d%d);".formatted(r, v, r, v, r, v));
    }
  }

  /** {@return an addend} */
  private static String times(int n, String unit) {
    return n == 0 ? "" : n == 1 ? " + " + unit : " + " + n + " * " + unit;
  }

  private void line(String line) {
    out.append(line).append('\n');
  }
}
