package dev.unroll.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadTest {
  @Test
  void keepsTheWorstNoteOfSeveralSittings() {
    assertThat(
            Load.worst(
                List.of("busy: load 3.4 on 2 cores", "up to 12 % stolen"),
                List.of("up to 4 % stolen", "busy: load 5.0 on 2 cores", "another")))
        .containsExactly("busy: load 5.0 on 2 cores", "up to 12 % stolen", "another");
  }
}
