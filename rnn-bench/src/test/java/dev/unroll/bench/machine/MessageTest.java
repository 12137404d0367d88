package dev.unroll.bench.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.bench.result.ForkTime;
import org.junit.jupiter.api.Test;

class MessageTest {
  @Test
  void aMessageArrivesAsItWasSent() {
    ForkTime time = new ForkTime(1, 2, "gru forward 1,2,3,4", .5);
    assertThat(Message.of(Message.line("time", time)))
        .hasValueSatisfying(
            message -> {
              assertThat(message.tag()).isEqualTo("time");
              assertThat(message.as(ForkTime.class)).isEqualTo(time);
            });
  }

  @Test
  void whateverElseIsPrintedIsNoMessage() {
    assertThat(Message.of("# a line of a library")).isEmpty();
    assertThat(Message.of("")).isEmpty();
  }
}
