package dev.unroll.experiments.task;

import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.result.Digest;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Text to train on.
 *
 * @param name where it comes from, for messages and reports
 * @param contents what it is, beside its name
 * @param text the text
 */
public record Corpus(String name, String contents, String text) {
  private static final int MEMORY_PER_BYTE = 8;
  private static final String JDK_FOLDER = "java.base/java/util/";

  /** The text that {@link Learning#TEXT} names, as {@link #load} does. */
  public static Corpus of(Settings settings) {
    return load(settings.get(Learning.TEXT), settings.get(Learning.MAX_CHARACTERS));
  }

  /** Whether these are the full settings, on their own text or on the notebook's. */
  public static boolean usual(Settings settings, Settings full) {
    return full.equals(settings) || full.with(Learning.TEXT, TinyShakespeare.NAME).equals(settings);
  }

  /**
   * The text of a UTF-8 file, of {@link TinyShakespeare} by its name, or of the running JDK's own
   * sources when {@code path} is empty.
   *
   * @param maxCharacters how much of the sources is taken; a file is taken whole
   * @throws InputException when the text cannot be used
   */
  public static Corpus load(String path, int maxCharacters) {
    try {
      if (path.equals(TinyShakespeare.NAME)) {
        Corpus file = ofFile(TinyShakespeare.file());
        return new Corpus(file.name, "tiny Shakespeare", file.text);
      }
      return path.isEmpty() ? ofJdkSources(maxCharacters) : ofFile(Path.of(path));
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  /**
   * The text of a UTF-8 file.
   *
   * @throws InputException when it is missing, empty, not UTF-8 or of one character only
   */
  public static Corpus ofFile(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new InputException(file + " is a folder: give a text file.");
    }
    byte[] bytes;
    try {
      requireFits(file, Files.size(file), Runtime.getRuntime().maxMemory());
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new InputException(file + " does not exist: give the path of a text file.");
    }
    if (bytes.length == 0) {
      throw new InputException(file + " is empty: give a file with some text to learn from.");
    }
    String text = decode(file, bytes);
    if (text.codePoints().distinct().count() < 2) {
      throw new InputException(
          file
              + " holds only the character '"
              + Character.toString(text.codePointAt(0))
              + "': there is nothing to predict in a text of one character.");
    }
    String name = String.valueOf(file.getFileName());
    return new Corpus(name, name, text);
  }

  /** A text is read whole: as bytes, as characters, as a string and as numbers. */
  static void requireFits(Path file, long bytes, long available) {
    if (bytes > available / MEMORY_PER_BYTE || bytes > Integer.MAX_VALUE - 64) {
      throw new InputException(
          "%s has %d MB, too much for the %d MB of memory: give a shorter text, or more with the variable JDK_JAVA_OPTIONS=-Xmx..."
              .formatted(file, bytes >> 20, available >> 20));
    }
  }

  private static String decode(Path file, byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new InputException(
          "%s is not UTF-8 text: byte %d is 0x%02X; convert it first, for example with"
                  .formatted(file, in.position(), bytes[in.position()])
              + " 'iconv -f latin1 -t utf-8'.");
    }
    try {
      if (decoder.flush(out).isError()) {
        throw new CharacterCodingException();
      }
    } catch (CharacterCodingException impossible) {
      throw new IllegalStateException(impossible);
    }
    return out.flip().toString();
  }

  /**
   * The first {@code maxCharacters} of the files of java.util, in alphabetical order, from the
   * sources that the running JDK ships.
   *
   * @throws InputException when this JDK has none
   */
  public static Corpus ofJdkSources(int maxCharacters) throws IOException {
    Path archive = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (!Files.isReadable(archive)) {
      throw new InputException(
          "This JDK comes without its sources (lib/src.zip), the default text: give a text with"
              + " --text FILE (or text=FILE), or use a JDK that has them.");
    }
    StringBuilder text = new StringBuilder();
    int files = 0;
    int longest = 0;
    String largest = "";
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> entry.getName().startsWith(JDK_FOLDER))
              .filter(entry -> entry.getName().endsWith(".java"))
              .filter(entry -> entry.getName().indexOf('/', JDK_FOLDER.length()) < 0)
              .sorted((a, b) -> a.getName().compareTo(b.getName()))
              .toList();
      for (ZipEntry entry : entries) {
        int start = text.length();
        try (InputStream file = zip.getInputStream(entry)) {
          text.append(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
        files++;
        int added = Math.min(maxCharacters, text.length()) - start;
        if (added > longest) {
          longest = added;
          largest = entry.getName().substring(JDK_FOLDER.length());
        }
        if (text.length() >= maxCharacters) {
          break;
        }
      }
    }
    int end = Math.min(maxCharacters, text.length());
    String name = "sources of java.util in JDK " + Runtime.version().feature();
    return new Corpus(
        name,
        "the %s, %d files of which %s is %d %%"
            .formatted(name, files, largest, Math.round(100.0 * longest / end)),
        text.substring(0, end));
  }

  /** Its first characters, all of them where it has no more. */
  public Corpus first(int characters) {
    return new Corpus(name, contents, text.substring(0, Math.min(text.length(), characters)));
  }

  /**
   * This text, once it is known to be long enough.
   *
   * @param why the setting that needs it, for the message
   * @throws InputException when it has fewer characters
   */
  public Corpus require(long characters, String why) {
    if (text.codePointCount(0, text.length()) < characters) {
      throw new InputException(
          "%s has %d characters, but %s needs at least %d: give a longer text or a smaller value."
              .formatted(name, text.codePointCount(0, text.length()), why, characters));
    }
    return this;
  }

  /** What tells it from another text: its name and checksum. */
  public String fingerprint() {
    return name + ", SHA-256 " + sha256();
  }

  /** SHA-256 of the text in UTF-8, in hexadecimal. */
  public String sha256() {
    return Digest.sha256(text);
  }
}
