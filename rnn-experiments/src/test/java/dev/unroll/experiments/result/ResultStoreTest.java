package dev.unroll.experiments.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ResultStoreTest {
  @TempDir private Path folder;

  private static ObjectNode identity(int setting) {
    ObjectNode identity = Json.COMPACT.createObjectNode();
    identity.put("experiment", "test");
    identity.put("setting", setting);
    return identity;
  }

  private static TrialRecord record(long seed) {
    ObjectNode figures = Json.COMPACT.createObjectNode();
    figures.put("value", 1.0 / seed);
    return new TrialRecord(Trial.of(seed).key(), figures, null, null);
  }

  @Test
  void aFigureTellsItsSettingInTheSameOrderInEveryRun() {
    Map<String, Object> where = Map.of("e", 1, "b", 2, "d", 3, "a", 4, "c", 5, "f", 6);
    assertThat(Figure.of("loss", where, "nats", 1).where().keySet())
        .containsExactly("a", "b", "c", "d", "e", "f");
  }

  @Test
  void aTornLastLineIsDroppedAndTheRestKept() throws IOException {
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      store.append(record(3));
      store.append(record(7));
    }
    Path metrics = folder.resolve("metrics.jsonl");
    String whole = Files.readString(metrics);
    Files.writeString(metrics, "{\"trial\":{\"se", StandardOpenOption.APPEND);
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      assertThat(store.records()).hasToString(List.of(record(3), record(7)).toString());
      assertThat(Files.readString(metrics)).isEqualTo(whole);
      store.append(record(9));
    }
    assertThat(Files.readAllLines(metrics)).hasSize(3);
  }

  @Test
  void numbersThatAreNotFiniteComeBack() throws IOException {
    TrialRecord record = record(3);
    ObjectNode figures = java.util.Objects.requireNonNull(record.figures());
    figures.put("one", Double.NEGATIVE_INFINITY);
    figures.putArray("all").add(1.5).add(Double.NaN).add(Double.POSITIVE_INFINITY);
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      store.append(record);
    }
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      TrialRecord back = store.records().getFirst();
      assertThat(back.number("one")).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(back.numbers("one")).containsExactly(Double.NEGATIVE_INFINITY);
      assertThat(back.numbers("all")).containsExactly(1.5, Double.NaN, Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void sortingForgetsWhichTrialWasQuicker() throws IOException {
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      store.append(record(7));
      store.append(record(3));
      List<TrialRecord> sorted = store.sort(List.of(Trial.of(3), Trial.of(7)));
      assertThat(sorted).hasToString(List.of(record(3), record(7)).toString());
    }
    assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")).getFirst())
        .isEqualTo("{\"trial\":{\"seed\":3},\"figures\":{\"value\":" + 1.0 / 3 + "}}");
  }

  @Test
  void anotherRunInTheFolderIsNotTouched() throws IOException {
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      store.append(record(3));
    }
    assertThatThrownBy(() -> ResultStore.open(folder, identity(2), false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("other settings")
        .hasMessageContaining("--force");
    assertThat(Files.readAllLines(folder.resolve("metrics.jsonl"))).hasSize(1);
    try (ResultStore store = ResultStore.open(folder, identity(2), true)) {
      assertThat(store.records()).isEmpty();
    }
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      store.append(record(3));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), "oops\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> ResultStore.open(folder, identity(1), false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("line 2");
  }

  @Test
  void onlyOneProgramWritesAtATime() throws IOException {
    try (ResultStore store = ResultStore.open(folder, identity(1), false)) {
      assertThat(store.records()).isEmpty();
      assertThatThrownBy(() -> ResultStore.open(folder, identity(1), false))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Another program");
    }
  }

  @Test
  void aFileInPlaceOfTheFolderIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> ResultStore.open(file, identity(1), false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is a file");
  }
}
