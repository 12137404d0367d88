package dev.unroll.experiments.claim;

import dev.unroll.experiments.result.Digest;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import dev.unroll.report.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * All claims about one experiment, as they stood at one time: the resource {@code
 * claims/NAME.json}. Each trial carries the {@link #hash} of those that it was started under, and
 * its run's folder keeps the file.
 *
 * @param claims the claims, in order
 */
public record Claims(List<Claim> claims) {
  /** Checks that no id stands twice. */
  public Claims {
    claims = List.copyOf(claims);
    if (claims.stream().map(Claim::id).distinct().count() < claims.size()) {
      throw new IllegalArgumentException(
          "An id stands twice in " + claims.stream().map(Claim::id).toList());
    }
  }

  /** The claims about an experiment as this program has them; none where there is no resource. */
  public static Claims of(String experiment) {
    String resource = "/claims/" + experiment + ".json";
    try (InputStream stream = Claims.class.getResourceAsStream(resource)) {
      return stream == null ? new Claims(List.of()) : parse(stream.readAllBytes());
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    } catch (JacksonException problem) {
      throw new IllegalStateException(resource + ": " + problem.getMessage(), problem);
    }
  }

  private static Claims parse(byte[] json) {
    return new Claims(Json.PRETTY.readValue(json, new TypeReference<List<Claim>>() {}));
  }

  /** Tells these claims from any others: the beginning of their SHA-256; null without claims. */
  public @Nullable String hash() {
    return claims.isEmpty()
        ? null
        : Digest.sha256(Json.COMPACT.writeValueAsString(claims)).substring(0, 12);
  }

  /** Keeps them in a run's folder, before a trial of it is started under them. */
  public void keep(Path run) throws IOException {
    String hash = hash();
    if (hash != null && !Files.exists(run.resolve(file(hash)))) {
      AtomicFile.write(run.resolve(file(hash)), Json.PRETTY.writeValueAsString(claims));
    }
  }

  private static String file(String hash) {
    return "claims-" + hash + ".json";
  }

  /**
   * What every trial of a run was started under; none where a trial was started under none.
   *
   * @param run the run's folder
   * @param hashes what its trials carry; null for a trial that carries none
   * @throws InputException when a file is missing or is not what its name says
   */
  public static List<Claims> kept(Path run, Collection<@Nullable String> hashes) {
    List<Claims> kept = new ArrayList<>();
    for (String hash : hashes) {
      if (hash == null) {
        kept.add(new Claims(List.of()));
        continue;
      }
      Claims claims =
          new Claims(new RunFolder(run).read(file(hash), new TypeReference<List<Claim>>() {}));
      if (!hash.equals(claims.hash())) {
        throw new InputException(
            "%s was changed after trials were started under it: restore it, or make the run again."
                .formatted(run.resolve(file(hash))));
      }
      kept.add(claims);
    }
    return kept;
  }

  /**
   * Those that are judged together: these, and whatever else trials were started under, since a
   * claim that was dropped is judged all the same.
   *
   * @return each claim, and whether it stands word for word in everything that was kept
   */
  public Map<Claim, Boolean> against(List<Claims> kept) {
    Map<Claim, Boolean> all = new LinkedHashMap<>();
    for (Claims some : Stream.concat(Stream.of(this), kept.stream()).toList()) {
      for (Claim claim : some.claims) {
        all.putIfAbsent(
            claim, !kept.isEmpty() && kept.stream().allMatch(one -> one.claims.contains(claim)));
      }
    }
    return all;
  }
}
