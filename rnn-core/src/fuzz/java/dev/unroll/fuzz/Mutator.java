package dev.unroll.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages bytes, JSON and words, each by one to three of the ways in which they go wrong. */
public final class Mutator {
  private static final int MOST = 3;
  private static final int LONGEST_RUN = 16;

  /** Numbers at the ends of what types hold, as text. */
  public static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "-1",
          "1",
          "3",
          "40000",
          "46341",
          "65536",
          "400000000",
          "2147483639",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967296",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "123456789012345678901234567890",
          "0.5",
          "1e-400",
          "1e308",
          "1e999",
          "-1e999",
          "NaN",
          "Infinity");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "{}",
          "[]",
          "\"\"",
          "\"a\"",
          "\"\\u0000\"",
          "[null]",
          "[[1]]",
          "{\"a\":{}}",
          "[".repeat(2_000));

  private static final long[] WORDS = {
    0,
    1,
    -1,
    127,
    128,
    255,
    Short.MAX_VALUE,
    65_536,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final Pattern KEY = Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"\\s*:");
  private static final Pattern NUMBER =
      Pattern.compile("-?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?|NaN|Infinity");

  private final RandomGenerator random;

  /**
   * A mutator.
   *
   * @param random where all its choices come from
   */
  public Mutator(RandomGenerator random) {
    this.random = random;
  }

  /** {@return one of them} */
  public <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /**
   * {@return damaged bytes: bits and bytes changed, ends cut, runs left out or doubled, integers
   * replaced by extremes, the end of another file put on}
   *
   * @param whole what to damage, left as it is
   * @param other another file of its kind
   * @param reach damage begins in so many first bytes
   */
  public byte[] bytes(byte[] whole, byte[] other, int reach) {
    return repeat(whole, (bytes, place) -> damage(bytes, other, Math.min(place, reach)), reach);
  }

  private byte[] repeat(byte[] whole, BiFunction<byte[], Integer, byte[]> damage, int reach) {
    byte[] bytes = whole;
    for (int i = 1 + random.nextInt(MOST); i > 0; i--) {
      int end = Math.min(reach, bytes.length);
      bytes = damage.apply(bytes, end == 0 ? 0 : random.nextInt(end));
    }
    return bytes;
  }

  private byte[] damage(byte[] bytes, byte[] other, int at) {
    int run = Math.min(bytes.length - at, 1 + random.nextInt(LONGEST_RUN));
    return switch (bytes.length == 0 ? 3 : random.nextInt(7)) {
      case 0 -> replaced(bytes, at, 1, (byte) (bytes[at] ^ (1 << random.nextInt(8))));
      case 1 -> replaced(bytes, at, 1, (byte) random.nextInt());
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> {
        int from = random.nextInt(other.length + 1);
        yield replaced(bytes, at, bytes.length - at, Arrays.copyOfRange(other, from, other.length));
      }
      case 4 -> replaced(bytes, at, run);
      case 5 -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + run));
      default -> {
        byte[] word = new byte[8];
        ByteBuffer.wrap(word)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(WORDS[random.nextInt(WORDS.length)]);
        int size = Math.min(bytes.length - at, 1 << random.nextInt(4));
        yield replaced(bytes, at, size, Arrays.copyOf(word, size));
      }
    };
  }

  private static byte[] replaced(byte[] bytes, int at, int count, byte... by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + by.length);
    out.write(bytes, 0, at);
    out.writeBytes(by);
    out.write(bytes, at + count, bytes.length - at - count);
    return out.toByteArray();
  }

  /**
   * {@return damaged JSON: members left out, doubled or of another type, numbers replaced by
   * extremes, now and then bytes}
   *
   * @param json the text, each character a byte of the file
   */
  public String json(String json) {
    String text = json;
    for (int i = 1 + random.nextInt(MOST); i > 0; i--) {
      text = damage(text);
    }
    return text;
  }

  private String damage(String text) {
    int way = random.nextInt(9);
    List<MatchResult> found = (way < 3 ? NUMBER : KEY).matcher(text).results().toList();
    if (way == 8 || found.isEmpty()) {
      byte[] bytes = latin(text);
      return latin(bytes(bytes, bytes, bytes.length));
    }
    MatchResult one = pick(found);
    if (way < 3) {
      return replaced(text, one.start(), one.end(), pick(NUMBERS));
    }
    int end = valueEnd(text, one.end());
    return switch (way) {
      case 3, 4 -> {
        boolean comma = end < text.length() && text.charAt(end) == ',';
        yield replaced(text, one.start(), comma ? end + 1 : end, "");
      }
      case 5 -> replaced(text, one.start(), one.start(), text.substring(one.start(), end) + ",");
      default ->
          replaced(text, one.end(), end, random.nextInt(3) == 0 ? pick(NUMBERS) : pick(VALUES));
    };
  }

  private static String replaced(String text, int from, int to, String by) {
    return text.substring(0, from) + by + text.substring(to);
  }

  /** Where the value ends that begins at {@code from}. */
  private static int valueEnd(String text, int from) {
    int depth = 0;
    boolean inText = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        inText = !inText;
      } else if (!inText && (c == '{' || c == '[')) {
        depth++;
      } else if (!inText && (c == '}' || c == ']' || c == ',')) {
        if (depth == 0) {
          return i;
        }
        depth -= c == ',' ? 0 : 1;
      }
    }
    return text.length();
  }

  /** {@return the bytes as characters of the same numbers} */
  public static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** {@return the characters as bytes} */
  public static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
