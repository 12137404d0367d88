package dev.unroll.bench.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;

class SettingTest {
  @Test
  void aFullRunHasEveryLengthBatchCellAndThread() {
    List<Setting> settings = Setting.full(List.of(1, 2, 3));
    for (String cell : List.of("rnn_tanh", "lstm", "gru")) {
      for (String batch : List.of("1", "16")) {
        assertThat(values(settings, SequenceLength.class, "steps", cell, "batch", batch))
            .contains(1, 4096);
        assertThat(values(settings, SequenceLength.class, "hidden", cell, "batch", batch))
            .hasSizeGreaterThanOrEqualTo(3);
      }
      assertThat(values(settings, BatchAndThreads.class, "batch", cell, "threads", "2"))
          .contains(1, 512);
      // Batches that grow with the threads.
      assertThat(values(settings, BatchAndThreads.class, "batch", cell, "threads", "3"))
          .contains(48);
      assertThat(values(settings, Epoch.class, "steps", cell, "windows", "1000")).contains(20, 200);
    }
  }

  @Test
  void aFullRunHasEveryWayOverTimeInOneProcess() {
    List<Setting> settings =
        Setting.full(List.of(1, 2)).stream().filter(s -> s.benchmark() == OverTime.class).toList();
    for (OverTime.Way way : EnumSet.range(OverTime.Way.SERIAL, OverTime.Way.DEER_IN_BLOCKS)) {
      assertThat(settings)
          .anySatisfy(
              setting ->
                  assertThat(setting.params())
                      .containsEntry("way", way.name())
                      .containsEntry("threads", "2")
                      .containsEntry("steps", "1024"));
    }
    assertThat(settings).extracting(Setting::group).containsOnly("over time");
    assertThat(settings)
        .allSatisfy(
            setting ->
                assertThat(setting.workload().cell())
                    .isEqualTo("SCAN".equals(setting.params().get("way")) ? "min_gru" : "gru"));
  }

  @Test
  void aQuickRunHasEveryBenchmarkButOverTime() {
    List<Setting> settings = Setting.quick(List.of(1, 2));
    Set<Class<?>> benchmarks = new HashSet<>();
    settings.forEach(setting -> benchmarks.add(setting.benchmark()));
    assertThat(benchmarks)
        .containsExactlyInAnyOrder(
            SequenceLength.class, BatchAndThreads.class, Parts.class, Epoch.class);
  }

  @Test
  void aRunOfCellsHasEveryCellAtEverySizeAndWithEqualParameters() {
    List<Setting> settings = CellSettings.full();
    for (Cell cell : Cells.all()) {
      // The input product too: without it nothing says what waits.
      for (String part : List.of("FORWARD", "INPUT_PRODUCT", "TRAINING_STEP")) {
        for (String batch : List.of("1", "16")) {
          Set<Integer> sizes = new TreeSet<>();
          for (Setting setting : settings) {
            if (setting
                .params()
                .entrySet()
                .containsAll(
                    Map.of("cell", cell.name(), "part", part, "batch", batch).entrySet())) {
              sizes.add(setting.workload().shape().hiddenSize());
            }
          }
          assertThat(sizes).contains(64, 128, 256, 512, 1024);
          for (int reference : List.of(64, 256, 1024)) {
            assertThat(sizes).contains(EqualSize.hidden(cell.name(), reference));
          }
        }
      }
    }
    assertThat(settings).containsAll(CellSettings.quick()).doesNotHaveDuplicates();
  }

  @Test
  void benchmarksThatLoopOverCellsHaveAllOfThem() throws NoSuchFieldException {
    for (Class<?> benchmark :
        List.of(
            SequenceLength.class, BatchAndThreads.class, StreamingStep.Layer.class, Epoch.class)) {
      assertThat(benchmark.getField("cell").getAnnotation(Param.class).value())
          .as(benchmark.getSimpleName())
          .containsExactlyInAnyOrderElementsOf(Cells.all().stream().map(Cell::name).toList());
    }
  }

  @Test
  void aRunOfNewtonsMethodHasItBesideSteppingInOneProcess() {
    List<Setting> settings = Setting.newton(List.of(1, 2));
    assertThat(settings)
        .doesNotHaveDuplicates()
        .extracting(Setting::group)
        .containsOnly("over time");
    for (String way : List.of("PARA_GRU", "PARA_GRU_NEWTON", "PARA_LSTM", "PARA_LSTM_NEWTON")) {
      for (String steps : List.of("256", "65536")) {
        for (String threads : List.of("1", "2")) {
          Map<String, String> params = Map.of("way", way, "steps", steps, "threads", threads);
          assertThat(settings).anyMatch(s -> s.params().entrySet().containsAll(params.entrySet()));
        }
      }
    }
  }

  @Test
  void everyPlanIsFoundByItsKind() {
    for (Plan plan : Plan.values()) {
      assertThat(Plan.of(plan.kind())).isEqualTo(plan);
    }
  }

  @Test
  void settingsHaveNoDuplicates() {
    for (List<Integer> threads : List.of(List.of(1), List.of(1, 2, 4, 8, 16))) {
      assertThat(Setting.full(threads)).doesNotHaveDuplicates();
      assertThat(Setting.quick(threads)).doesNotHaveDuplicates();
    }
  }

  @Test
  void partsOfOnePassShareAProcess() {
    List<Setting> parts =
        Setting.quick(List.of(1)).stream()
            .filter(setting -> setting.benchmark() == Parts.class)
            .toList();
    assertThat(parts)
        .isNotEmpty()
        .allSatisfy(
            setting ->
                assertThat(setting.group())
                    .endsWith(
                        String.valueOf(setting.params().get("part")).startsWith("TRAINING")
                            ? " training"
                            : " forward"));
  }

  private static Set<Integer> values(
      List<Setting> settings,
      Class<?> benchmark,
      String param,
      String cell,
      String other,
      String value) {
    Set<Integer> values = new TreeSet<>();
    for (Setting setting : settings) {
      if (setting.benchmark() == benchmark
          && cell.equals(setting.params().get("cell"))
          && value.equals(setting.params().get(other))) {
        values.add(Integer.valueOf(setting.params().getOrDefault(param, "")));
      }
    }
    return values;
  }
}
