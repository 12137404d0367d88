package dev.unroll.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.fault.Fault;
import dev.unroll.fault.Fault.Kind;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Wherever a command that writes results is ended, no reader ever finds part of a result, and given
 * again it leaves the same bytes. {@code -Dkills=1000} tries so many moments, {@code
 * -Dkills.seed=S} others.
 */
@Tag("faults")
class KillTest {
  private static final int KILLS = Integer.getInteger("kills", 100);
  private static final int KILLED = 137;

  private final SplittableRandom random = new SplittableRandom(Long.getLong("kills.seed", 0));

  /** What nobody ends shows no part of a result either. */
  @Test
  void whoReadsMeanwhileFindsOldOrNewFiles() throws Exception {
    for (Deed deed : Deeds.all()) {
      deed.reset();
      Fault.during(Kind.NONE, 0, deed.root(), deed::look, () -> Deed.run(deed.words()));
      assertThat(Folder.files(deed.root())).as(deed.name()).isEqualTo(deed.after());
    }
  }

  /** What a kill leaves, without the end of this JVM: from some moment on nothing changes. */
  @Test
  void anyMomentCanBeTheLast() throws Exception {
    int each = KILLS * 17 / 20 / Deeds.all().size();
    for (Deed deed : Deeds.all()) {
      for (long moment : deed.spread(Kind.FROZEN, each, random.nextDouble())) {
        deed.reset();
        Fault.during(
            Kind.FROZEN,
            moment,
            deed.root(),
            deed::look,
            () -> {
              try {
                Deed.run(deed.words());
              } catch (Fault.Frozen frozen) {
                return;
              }
              throw new AssertionError(deed.name() + " did not come to moment " + moment);
            });
        deed.requireRecovery(moment);
      }
    }
  }

  /** The same with the end of a JVM. */
  @Test
  void anyMomentCanBeTheLastOfAProcess() throws Exception {
    int each = KILLS / 10 / Deeds.all().size();
    for (Deed deed : Deeds.all()) {
      for (long moment : deed.spread(Kind.HALTED, each, random.nextDouble())) {
        deed.reset();
        Child child = Child.start(Fault.option(Kind.HALTED, moment, deed.root()), deed.words());
        assertThat(child.code()).as("%s: %s", deed.name(), child.said()).isEqualTo(KILLED);
        child.forget();
        deed.requireRecovery(moment);
      }
    }
  }

  /** SIGKILL at any time, also at none at which a file changes. */
  @Test
  void aProcessCanBeKilledAtAnyTime() throws Exception {
    Deed run = Deeds.all().getFirst();
    run.reset();
    long start = System.nanoTime();
    Child whole = Child.start("-Dno.fault", run.words());
    assertThat(whole.code()).isZero();
    long millis = (System.nanoTime() - start) / 1_000_000;
    whole.forget();
    for (int i = 0; i < KILLS / 20; i++) {
      run.reset();
      Child child = Child.start("-Dno.fault", run.words());
      Thread.sleep(random.nextLong(1 + millis));
      child.kill();
      assertThat(child.code()).isIn(0, KILLED);
      child.forget();
      run.requireRecovery(0);
    }
  }
}
