package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.unroll.fault.Fault;
import dev.unroll.fault.Fault.Kind;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A command that may not write, or whom a signal ends, says so in a sentence, leaves nothing half
 * done, and goes on when it is given again. {@code -Dkills=1000} tries more places.
 */
@Tag("faults")
class FaultTest {
  private static final int FAULTS = Integer.getInteger("kills", 100) / 4;

  /** From some moment on the disk is full, or a file may not be changed. */
  @ParameterizedTest
  @EnumSource(names = {"FULL", "DENIED"})
  void whatCannotBeWrittenIsSaid(Kind kind) throws Exception {
    double offset = new SplittableRandom(Long.getLong("kills.seed", 0)).nextDouble();
    int each = FAULTS / Deeds.all().size();
    for (Deed deed : Deeds.all()) {
      for (long moment : deed.spread(kind, each, offset)) {
        deed.reset();
        Fault.during(
            kind,
            moment,
            deed.root(),
            deed::look,
            () ->
                assertThat(deed.refused())
                    .as("%s, %s at moment %d", deed.name(), kind, moment)
                    .contains(deed.root().toString()));
        if (kind == Kind.FULL) {
          assertThat(Folder.leftovers(deed.root())).as("%s at %d", deed.name(), moment).isEmpty();
        }
        deed.requireRecovery(moment);
      }
    }
  }

  @Test
  void aReadOnlyFolderIsLeftAsItWas() throws Exception {
    for (Deed deed : Deeds.all()) {
      deed.reset();
      Fault.during(
          Kind.READ_ONLY,
          0,
          deed.root(),
          deed::look,
          () -> assertThat(deed.refused()).as(deed.name()).contains("Read-only file system"));
      assertThat(Folder.files(deed.root())).as(deed.name()).isEqualTo(deed.before());
    }
  }

  @ParameterizedTest
  @CsvSource({"INT,2", "TERM,15", "HUP,1"})
  @DisabledOnOs(OS.WINDOWS)
  void aSignalEndsARunThatGoesOnLater(String signal, int number) throws Exception {
    assumeThat(ignored(number)).as("%s is ignored, as below nohup", signal).isFalse();
    Deed run = Deeds.all().getFirst();
    for (long moment : run.spread(Kind.PAUSED, Math.max(1, FAULTS / 25), .5)) {
      run.reset();
      Child child = Child.start(Fault.option(Kind.PAUSED, moment, run.root()), run.words());
      child.awaitSaid(Fault.PAUSED);
      child.signal(signal);
      assertThat(child.code()).isEqualTo(128 + number);
      assertThat(child.said()).isEmpty();
      child.forget();
      run.requireRecovery(moment);
    }
  }

  /** Whether this process ignores a signal, and so whatever it starts. */
  static boolean ignored(int number) throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> new BigInteger(line.substring(7).strip(), 16))
            .anyMatch(mask -> mask.testBit(number - 1));
  }

  @Test
  void twoProgramsDoNotWriteInOneFolder() throws Exception {
    Deed run = Deeds.all().getFirst();
    for (long moment : run.spread(Kind.PAUSED, 3, .9)) {
      run.reset();
      Child first = Child.start(Fault.option(Kind.PAUSED, moment, run.root()), run.words());
      first.awaitSaid(Fault.PAUSED);
      Map<String, String> before = Folder.files(run.root());
      assertThat(run.refused()).contains("Another program is writing to");
      assertThat(Folder.files(run.root())).isEqualTo(before);
      first.kill();
      first.code();
      first.forget();
      run.requireRecovery(moment);
    }
  }
}
