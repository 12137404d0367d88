package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Workload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A recurrence as a program of TorchScript, which PyTorch's own interpreter runs, so that a step
 * costs no call from Java. Its inputs are x and the parameters, in the order of {@link #shapes}.
 *
 * @see <a href="https://pytorch.org/docs/stable/jit_language_reference.html">TorchScript</a>
 */
final class TorchScript implements LoopGraph {
  /** PyTorch 2's; with an older one it would take some functions for what they were then. */
  private static final String VERSION = "10\n";

  /** An instance of the class, with its one field false, as a pickle of protocol 2. */
  private static final String INSTANCE =
      "\u0080\u0002c__torch__\nLayer\n)\u0081}(X\u0008\0\0\0training\u0089ub.";

  private static final String NO_CONSTANTS = "\u0080\u0002).";

  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final StringBuilder lines = new StringBuilder();
  private final String y;
  private String indent = "    ";
  private int values;

  TorchScript(Workload workload) {
    y = Recurrences.write(this, workload);
  }

  /** The shape of each parameter, by its name. */
  Map<String, long[]> shapes() {
    return shapes;
  }

  private String source() {
    String inputs =
        shapes.keySet().stream()
            .map(name -> ",\n    " + input(name) + ": Tensor")
            .collect(Collectors.joining());
    return """
    class Layer(Module):
      __parameters__ = []
      __buffers__ = []
      training : bool
      def forward(self: __torch__.Layer,
        x: Tensor%s) -> Tensor:
    %s    return %s
    """
        .formatted(inputs, lines, y);
  }

  /** The program in the form that {@code torch::jit::load} reads. */
  byte[] archive() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      add(zip, "data.pkl", INSTANCE.getBytes(StandardCharsets.ISO_8859_1));
      add(zip, "code/__torch__.py", source().getBytes(StandardCharsets.UTF_8));
      add(zip, "constants.pkl", NO_CONSTANTS.getBytes(StandardCharsets.ISO_8859_1));
      add(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(content);
    ZipEntry entry = new ZipEntry("layer/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
  }

  /** A parameter may have a word of the language for its name. */
  private static String input(String parameter) {
    return "p_" + parameter;
  }

  @Override
  public String parameter(String name, long... shape) {
    shapes.put(name, shape);
    return input(name);
  }

  @Override
  public String number(double value) {
    return line("torch.tensor(" + value + ")");
  }

  @Override
  public String apply(Op op, String... inputs) {
    return line("torch.%s(%s)".formatted(op.torch(), String.join(", ", inputs)));
  }

  @Override
  public String multiplyAdd(String a, String b, String c) {
    return line("torch.addcmul(%s, %s, %s)".formatted(c, a, b));
  }

  @Override
  public String interpolate(String from, String to, String part) {
    return line("torch.lerp(%s, %s, %s)".formatted(from, to, part));
  }

  @Override
  public String product(String x, String weight, @Nullable String bias) {
    return line("torch.linear(%s, %s, %s)".formatted(x, weight, bias == null ? "None" : bias));
  }

  @Override
  public String productPlus(String h, String weight, String c) {
    return line("torch.addmm(%s, %s, torch.t(%s))".formatted(c, h, weight));
  }

  @Override
  public String swapped(String x) {
    return line("torch.transpose(" + x + ", 0, 1)");
  }

  /** With complex numbers, for which PyTorch has all that it takes. */
  @Override
  public List<String> rotate(String cos, String sin, List<String> b, long[] state) {
    String lambda = line("torch.complex(%s, %s)".formatted(cos, sin));
    String series = line("torch.complex(%s, %s)".formatted(b.get(0), b.get(1)));
    String zeros = line("torch.zeros(" + Arrays.toString(state) + ")");
    String s = line("torch.complex(%s, %s)".formatted(zeros, zeros));
    List<String> all =
        loopFrom(
            List.of(series),
            List.of(s),
            (now, before) -> {
              String next = multiplyAdd(lambda, before.getFirst(), now.getFirst());
              return new Step(List.of(next), List.of(next));
            });
    return List.of(
        line("torch.real(" + all.getFirst() + ")"), line("torch.imag(" + all.getFirst() + ")"));
  }

  @Override
  public String sum(String x) {
    return line("torch.sum(" + x + ", [-1], True)");
  }

  @Override
  public List<String> parts(String x, int count) {
    String all = line("torch.chunk(%s, %d, -1)".formatted(x, count));
    return IntStream.range(0, count).mapToObj(i -> line(all + "[" + i + "]")).toList();
  }

  @Override
  public String reshape(String x, long... shape) {
    return line("torch.reshape(%s, %s)".formatted(x, Arrays.toString(shape)));
  }

  @Override
  public String join(List<String> joined) {
    return line("torch.cat(%s, -1)".formatted(joined));
  }

  @Override
  public List<String> loop(List<String> series, List<long[]> states, Body body) {
    return loopFrom(
        series,
        states.stream().map(shape -> line("torch.zeros(" + Arrays.toString(shape) + ")")).toList(),
        body);
  }

  private List<String> loopFrom(List<String> series, List<String> state, Body body) {
    List<String> steps = series.stream().map(one -> line("torch.unbind(" + one + ")")).toList();
    int outer = lines.length();
    String around = indent;
    lines
        .append(indent)
        .append("for t in range(torch.len(")
        .append(steps.getFirst())
        .append(")):\n");
    indent = around + "  ";
    Step step = body.step(steps.stream().map(one -> line(one + "[t]")).toList(), state);
    List<String> kept = step.outputs().stream().map(output -> next()).toList();
    for (int i = 0; i < kept.size(); i++) {
      line("torch.append(%s, %s)".formatted(kept.get(i), step.outputs().get(i)));
    }
    for (int i = 0; i < state.size(); i++) {
      lines.append("%s%s = %s\n".formatted(indent, state.get(i), step.state().get(i)));
    }
    indent = around;
    kept.forEach(list -> lines.insert(outer, indent + list + " = annotate(List[Tensor], [])\n"));
    return kept.stream().map(list -> line("torch.stack(" + list + ")")).toList();
  }

  private String line(String expression) {
    String name = next();
    lines.append(indent).append(name).append(" = ").append(expression).append('\n');
    return name;
  }

  private String next() {
    return "v" + values++;
  }
}
