package dev.unroll.kernel;

import dev.unroll.conventions.Sources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes equations as Java, in vectors and in plain Java with the same bits.
 *
 * <p>An equation is {@code TARGET = OPERATION(OPERANDS)} or {@code TARGET = SOURCE}. Operations are
 * fma, mul, add, sub, sigmoid and tanh; operands are variables. A target or source is a variable or
 * an element of an array, a source also a number.
 *
 * <p>An activation is written out, in vectors as the loops of {@link Activations} have it.
 */
final class Equations {
  private static final Pattern EQUATION = Pattern.compile("(\\w+) = (\\w+)(?:\\((.*)\\))?");
  private static final Pattern DECLARED = Pattern.compile("(?:FloatVector|IntVector) (\\w+) =");
  private static final String LOAD = "FloatVector v = FloatVector.fromArray(Lanes.SPECIES, x, i);";
  private static final String STORE = ".intoArray(x, i);";

  /** An element of an array, where the one in hand is. */
  private record Element(String array, String index) {
    /** {@return where its v-th vector is} */
    String at(int v) {
      return index + (v == 0 ? "" : v == 1 ? " + L" : " + " + v + " * L");
    }
  }

  private final Map<String, Element> elements = new HashMap<>();

  /** Activations that are written out, so that each has variables of its own. */
  private int writtenOut;

  /** Adds a name for the element of an array at an index. */
  Equations element(String name, String array, String index) {
    elements.put(name, new Element(array, index));
    return this;
  }

  boolean isElement(String name) {
    return elements.containsKey(name);
  }

  /**
   * Writes equations.
   *
   * @param equations with "; " between them
   * @param declared the variables that there are; more are added
   * @param vectors vectors side by side, or 0 for plain Java
   */
  void write(StringBuilder out, String equations, Set<String> declared, int vectors) {
    for (String equation : equations.split("; ")) {
      Matcher parts = EQUATION.matcher(equation);
      if (!parts.matches()) {
        throw new IllegalArgumentException("Not an equation: " + equation);
      }
      String target = parts.group(1);
      Element element = elements.get(target);
      boolean fresh = element == null && declared.add(target);
      for (int v = 0; v < Math.max(1, vectors); v++) {
        String lane = vectors > 1 ? Integer.toString(v) : "";
        String value =
            parts.group(3) == null
                ? source(parts.group(2), lane, vectors, v)
                : operation(out, parts.group(2), parts.group(3).split(", "), lane, vectors);
        if (element != null && vectors > 0) {
          out.append(value).append(".intoArray(%s, %s);\n".formatted(element.array, element.at(v)));
        } else {
          String type = fresh ? vectors > 0 ? "FloatVector " : "float " : "";
          String to = element == null ? target + lane : element.array + "[" + element.index + "]";
          out.append(type).append(to).append(" = ").append(value).append(";\n");
        }
      }
    }
  }

  private String source(String source, String lane, int vectors, int v) {
    Element element = elements.get(source);
    if (element != null) {
      return vectors > 0
          ? "FloatVector.fromArray(Lanes.SPECIES, %s, %s)".formatted(element.array, element.at(v))
          : element.array + "[" + element.index + "]";
    }
    if (Character.isDigit(source.charAt(0))) {
      return vectors > 0 ? "FloatVector.broadcast(Lanes.SPECIES, " + source + "f)" : source + "f";
    }
    return source + lane;
  }

  private String operation(
      StringBuilder out, String name, String[] operands, String lane, int vectors) {
    boolean activation = name.equals("sigmoid") || name.equals("tanh");
    if (vectors > 0) {
      if (activation) {
        return activation(out, name, operands[0] + lane);
      }
      String others =
          Stream.of(operands).skip(1).map(o -> o + lane).collect(Collectors.joining(", "));
      return operands[0] + lane + "." + name + "(" + others + ")";
    }
    return switch (name) {
      case "fma" -> "Math.fma(" + String.join(", ", operands) + ")";
      case "mul" -> String.join(" * ", operands);
      case "add" -> String.join(" + ", operands);
      case "sub" -> String.join(" - ", operands);
      case "sigmoid", "tanh" -> "Activations." + name + "(" + operands[0] + ")";
      default -> throw new IllegalArgumentException("Not an operation: " + name);
    };
  }

  /** Writes an activation but for its last expression, which it returns. */
  private String activation(StringBuilder out, String name, String operand) {
    Path file = Sources.root().resolve("rnn-core/src/main/java/dev/unroll/kernel/Activations.java");
    String source = Sources.read(file);
    int method = source.lastIndexOf("static void " + name + "(float[] x");
    int end = source.indexOf("static void", method + 1);
    String loop = source.substring(method, end < 0 ? source.length() : end);
    int from = loop.indexOf(LOAD) + LOAD.length();
    int to = loop.indexOf(STORE);
    if (from < LOAD.length() || to < from) {
      throw new IllegalStateException("No loop of " + name + " in " + file);
    }
    String body = loop.substring(from, to);
    char own = (char) ('A' + writtenOut++);
    String renamed =
        DECLARED
            .matcher(body)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .reduce(body, (text, variable) -> rename(text, variable, variable + own));
    renamed = rename(renamed, "v", operand);
    int last = renamed.lastIndexOf(';') + 1;
    out.append(renamed, 0, last).append('\n');
    return renamed.substring(last).strip();
  }

  private static String rename(String text, String from, String to) {
    return text.replaceAll("(?<![.\\w])" + from + "\\b(?!\\()", to);
  }
}
