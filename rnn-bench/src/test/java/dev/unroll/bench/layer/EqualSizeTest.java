package dev.unroll.bench.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import org.junit.jupiter.api.Test;

class EqualSizeTest {
  @Test
  void everyCellComesNearAnLstmsParameters() {
    for (int reference : new int[] {64, 256, 1024}) {
      double wanted = EqualSize.parameters("lstm", reference);
      for (Cell cell : Cells.all()) {
        int hidden = EqualSize.hidden(cell.name(), reference);
        assertThat(EqualSize.parameters(cell.name(), hidden) / wanted)
            .as("%s, %d units", cell.name(), hidden)
            .isCloseTo(1, within(reference == 64 ? .1 : .05));
      }
    }
    assertThat(EqualSize.hidden("lstm", 256)).isEqualTo(256);
  }

  @Test
  void aMatrixOfAHeadHasAbout64Columns() {
    assertThat(EqualSize.heads("gated_delta", 256)).isEqualTo(4);
    assertThat(EqualSize.heads("gated_delta", 16)).isEqualTo(1);
    assertThat(EqualSize.heads("slstm", 256)).isEqualTo(1);
  }
}
