package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.machine.ForkedJvm;
import dev.unroll.bench.machine.Message;
import dev.unroll.bench.machine.Rest;
import dev.unroll.bench.result.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process for each library, which take turns: pools whose threads spin for a while after a call
 * take no core from whoever comes next, as a turn begins when all processes are at {@link Rest}.
 * The libraries take their threads once, so each number of threads has processes of its own.
 */
final class PeerProcesses implements AutoCloseable {
  private final List<Player> players = new ArrayList<>();
  private final List<Long> pids = new ArrayList<>(List.of(ProcessHandle.current().pid()));
  private final Path answers;
  private final int threads;
  private final Collection<String> notes;
  private final Collection<String> failures;
  private double floorMicros;
  private double chainMicros;
  private String last = "";

  /** Why a workload has no figures. */
  private static final class FailedException extends Exception {
    private static final long serialVersionUID = 1;

    FailedException(String why) {
      super(why);
    }
  }

  /**
   * Starts the processes.
   *
   * @param flags for each besides its own
   * @param notes is given why a library is not compared, and what else a reader has to know
   * @param failures is given what went wrong
   * @throws IllegalStateException if ours does not start
   */
  PeerProcesses(
      String classPath,
      List<String> flags,
      int threads,
      Collection<String> notes,
      Collection<String> failures)
      throws IOException, InterruptedException {
    this.threads = threads;
    this.notes = notes;
    this.failures = failures;
    answers = Files.createTempFile("unroll", ".safetensors");
    if (!Rest.isTold()) {
      notes.add(
          "this system does not tell the processor time of other processes: a turn began %d ms after the one before, at rest or not"
              .formatted(Rest.PAUSE_MILLIS));
    }
    try {
      for (Library library : Library.values()) {
        List<String> args = List.of(library.name(), Integer.toString(threads));
        Map<String, String> environment = Map.of("OMP_NUM_THREADS", Integer.toString(threads));
        players.add(
            new Player(
                library,
                new ForkedJvm(
                    new ForkedJvm.Job(classPath, flags, PeerFork.class, args, environment))));
        pids.add(players.getLast().jvm.pid());
      }
      for (Player player : List.copyOf(players)) {
        player.meet();
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Measures a workload.
   *
   * @param seconds for all turns
   * @return a comparison for each other library that has it; none if ours failed
   * @throws IllegalStateException if our process ended
   */
  List<Comparison> compare(Planned planned, double seconds) throws Exception {
    List<Player> ready = new ArrayList<>();
    try {
      for (Player player : List.copyOf(players)) {
        if (player.prepares(planned)) {
          ready.add(player);
        } else if (player.isOurs()) {
          return List.of();
        }
      }
      return compare(
          planned, ready, Interleaved.rounds(List.copyOf(ready), seconds, PeerFork.SEED));
    } catch (FailedException e) {
      failures.add(e.getMessage());
      return List.of();
    }
  }

  private List<Comparison> compare(Planned planned, List<Player> ready, double[][] rounds) {
    Workload workload = planned.on(threads);
    Shape s = workload.shape();
    double ours = Interleaved.median(rounds[0]);
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 1; i < rounds.length; i++) {
      double[] ratio = Interleaved.ratio(rounds[i], rounds[0]);
      comparisons.add(
          new Comparison(
              workload.cell(),
              workload.mode().label(),
              s.batch(),
              s.steps(),
              s.inputSize(),
              s.hiddenSize(),
              threads,
              ready.get(i).label,
              ours,
              Interleaved.median(rounds[i]),
              ratio[0],
              ratio[1],
              ratio[2],
              floorMicros / ours,
              chainMicros > 0 ? chainMicros / ours : null,
              planned.cutFrom().isEmpty() ? null : planned.cutFrom()));
    }
    return comparisons;
  }

  @Override
  public void close() throws IOException {
    for (Player player : players) {
      player.jvm.close();
    }
    Files.deleteIfExists(answers);
  }

  /** One library's process. */
  private final class Player implements Interleaved.Player {
    private final Library library;
    private final ForkedJvm jvm;
    private String label;

    Player(Library library, ForkedJvm jvm) {
      this.library = library;
      this.jvm = jvm;
      label = library.name();
    }

    boolean isOurs() {
      return library == Library.UNROLL;
    }

    /** Hears its name, or why it is not compared. */
    void meet() throws IOException, InterruptedException {
      try {
        Optional<Message> first = jvm.next();
        String words = first.map(message -> message.as(String.class)).orElse("");
        if (first.isPresent() && first.get().tag().equals(PeerFork.NAME)) {
          label = words;
        } else {
          notes.add(words);
          leave();
        }
      } catch (IllegalStateException e) {
        failures.add(lost(e).getMessage());
      }
    }

    /** Whether it is ready for a workload. */
    boolean prepares(Planned planned) throws Exception {
      try {
        Message answer =
            ask(PeerFork.PREPARE, new PeerFork.Preparation(planned.toString(), answers.toString()));
        if (answer.tag().equals(PeerFork.TOO_LARGE)) {
          notes.add("not measured: " + answer.as(String.class));
        }
        return answer.tag().equals(PeerFork.READY);
      } catch (FailedException e) {
        failures.add(e.getMessage());
        return false;
      }
    }

    @Override
    public double turn() throws Exception {
      if (!Rest.await(pids)) {
        notes.add("the threads of %s did not come to rest before the next turn".formatted(last));
      }
      last = label;
      PeerFork.Turn turn = ask(PeerFork.TURN, "").as(PeerFork.Turn.class);
      if (isOurs()) {
        floorMicros = turn.floorMicros();
        chainMicros = turn.chainMicros();
      }
      return turn.micros();
    }

    private Message ask(String order, Object value) throws Exception {
      Message answer;
      try {
        answer = jvm.ask(order, value);
      } catch (IllegalStateException e) {
        throw lost(e);
      }
      if (answer.tag().equals(PeerFork.FAILURE)) {
        throw new FailedException(answer.as(String.class));
      }
      return answer;
    }

    /** Goes on without it, unless it is ours. */
    private FailedException lost(IllegalStateException why) throws IOException {
      leave();
      if (isOurs()) {
        throw why;
      }
      return new FailedException(label + " is not compared any more: " + why.getMessage());
    }

    private void leave() throws IOException {
      players.remove(this);
      jvm.close();
    }
  }
}
