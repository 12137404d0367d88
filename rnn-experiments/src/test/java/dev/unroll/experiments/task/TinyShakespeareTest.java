package dev.unroll.experiments.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinyShakespeareTest {
  private static final byte[] TEXT = "First Citizen".getBytes(StandardCharsets.UTF_8);
  @TempDir private Path folder;
  private final List<String> ranges = new ArrayList<>();
  private HttpServer server = start();

  private static HttpServer start() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @BeforeEach
  void serve() {
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(String.valueOf(range));
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    exchange.sendResponseHeaders(range == null ? 200 : 206, TEXT.length - from);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(TEXT, from, TEXT.length - from);
    }
  }

  private URI source() {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/input.txt");
  }

  private static String sha256() {
    return new Corpus("", "", new String(TEXT, StandardCharsets.UTF_8)).sha256();
  }

  @Test
  void fetchesOnceAndGoesOnAfterACut() throws IOException {
    Path file = folder.resolve("deep").resolve("text.txt");
    assertThat(TinyShakespeare.fetch(source(), sha256(), file)).hasBinaryContent(TEXT);
    TinyShakespeare.fetch(source(), sha256(), file);
    assertThat(ranges).containsExactly("null");
    Files.delete(file);
    Files.write(
        folder.resolve("deep").resolve("text.txt.part"), "First".getBytes(StandardCharsets.UTF_8));
    assertThat(TinyShakespeare.fetch(source(), sha256(), file)).hasBinaryContent(TEXT);
    assertThat(ranges).containsExactly("null", "bytes=5-");
  }

  @Test
  void aWrongTextIsNotUsed() {
    Path file = folder.resolve("text.txt");
    assertThatThrownBy(() -> TinyShakespeare.fetch(source(), "00", file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("checksum");
    assertThat(file).doesNotExist();
  }

  @Test
  void anUnreachableSourceIsNamed() {
    URI source = source();
    server.stop(0);
    assertThatThrownBy(() -> TinyShakespeare.fetch(source, "00", folder.resolve("text.txt")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be fetched");
  }
}
