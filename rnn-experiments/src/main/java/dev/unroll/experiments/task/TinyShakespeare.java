package dev.unroll.experiments.task;

import dev.unroll.experiments.result.Digest;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * The text that notebook 000 trains on: fetched once, when it is asked for by name, into the user's
 * cache. A download that was cut off goes on where it stopped; what does not have the right
 * checksum is not used.
 */
public final class TinyShakespeare {
  /** The name to give in place of a file. */
  public static final String NAME = "tinyshakespeare";

  private static final URI SOURCE =
      URI.create(
          "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt");
  private static final String SHA256 =
      "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";

  private TinyShakespeare() {}

  /**
   * The file, fetched if it is not there yet.
   *
   * @throws InputException when it cannot be fetched or is not what it should be
   */
  public static Path file() throws IOException {
    String home = System.getenv("XDG_CACHE_HOME");
    Path cache =
        home == null || home.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(home);
    return fetch(SOURCE, SHA256, cache.resolve("unroll").resolve(NAME + ".txt"));
  }

  /** Fetches {@code source} into {@code file} unless it lies there with its checksum. */
  static Path fetch(URI source, String sha256, Path file) throws IOException {
    if (Files.exists(file) && Digest.sha256(Files.readAllBytes(file)).equals(sha256)) {
      return file;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      download(source, part);
    } catch (IOException unreachable) {
      throw new InputException(
          source
              + " cannot be fetched ("
              + unreachable
              + "): try again, it goes on where it stopped, or name a file of your own.");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InputException("Interrupted while fetching " + source + ": try again.");
    }
    if (!Digest.sha256(Files.readAllBytes(part)).equals(sha256)) {
      Files.delete(part);
      throw new InputException(
          "What " + source + " gave does not have the checksum " + sha256 + ": it is not used.");
    }
    return Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void download(URI source, Path part) throws IOException, InterruptedException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    HttpRequest.Builder request = HttpRequest.newBuilder(source).timeout(Duration.ofMinutes(2));
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(20))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() == 416) {
          return; // all of it is there
        }
        if (response.statusCode() != 200 && response.statusCode() != 206) {
          throw new IOException("HTTP status " + response.statusCode());
        }
        try (OutputStream out =
            Files.newOutputStream(
                part,
                StandardOpenOption.CREATE,
                response.statusCode() == 206
                    ? StandardOpenOption.APPEND
                    : StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
          body.transferTo(out);
        }
      }
    }
  }
}
