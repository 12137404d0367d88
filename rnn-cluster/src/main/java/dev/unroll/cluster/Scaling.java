package dev.unroll.cluster;

import static dev.unroll.experiments.task.Learning.*;

import dev.unroll.experiments.harness.Axis;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.harness.Measured;
import dev.unroll.experiments.harness.Setting;
import dev.unroll.experiments.harness.Settings;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.harness.TrialContext;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.experiments.task.Streams;
import dev.unroll.report.run.InputException;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.Team;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Peers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Training steps of one executor alone and of all together, in turns, each on a copy of the model
 * of its own; what is timed has to have the same bits. Nobody's to run but {@link
 * ScalingCommand}'s.
 */
final class Scaling {
  static final Setting<Integer> BATCH_SIZE = Setting.count("batch_size", 1);
  static final Setting<Integer> SHARD_SIZE = Setting.count("shard_size", 1);

  /** How long steps are measured, but at least {@link #FEWEST} pairs. */
  static final Setting<Integer> SECONDS = Setting.count("seconds", 0);

  private static final int FEWEST = 3;

  /** Pairs in which code is compiled; they are not counted. */
  private static final int WARM_UP = 1;

  /** What the text has for each of the streams before it begins again. */
  private static final int WINDOWS = 4;

  private static final double CLIP_NORM = 5;
  private static final double NANOS = 1e9;

  /** A model large enough to share, with the lengths of steps that char-lm has. */
  static final Experiment EXPERIMENT =
      Experiment.of("scaling", Scaling::trial)
          .settings(
              new Settings()
                  .with(VOCAB_SIZE, 96)
                  .with(EMBEDDING_SIZE, 64)
                  .with(HIDDEN_SIZE, 1024)
                  .with(NUM_LAYERS, 2)
                  .with(SEQ_LENGTH, 64)
                  .with(BATCH_SIZE, 256)
                  .with(SHARD_SIZE, 16)
                  .with(LEARNING_RATE, .003)
                  .with(SECONDS, 120))
          .seeds(1)
          .over(Axis.of("cell", all -> List.of("lstm")));

  private Scaling() {}

  /** Peers that count what is sent, and note when the first message since a time is. */
  private static final class Metered implements Peers {
    private final Peers peers;
    private long bytes;
    private long firstSent;

    Metered(Peers peers) {
      this.peers = peers;
    }

    void restart() {
      bytes = 0;
      firstSent = 0;
    }

    @Override
    public int rank() {
      return peers.rank();
    }

    @Override
    public int count() {
      return peers.count();
    }

    @Override
    public void send(int rank, ByteBuffer message) {
      if (firstSent == 0) {
        firstSent = System.nanoTime();
      }
      bytes += message.remaining();
      peers.send(rank, message);
    }

    @Override
    public ByteBuffer receive(int rank) {
      return peers.receive(rank);
    }
  }

  /** A model in training. */
  private static final class Copy {
    final Model model;
    final StreamReader reader;
    final Training training;

    /** When the last step had its gradients. */
    long summed;

    Copy(TrialContext trial, Team team, Peers peers) {
      int vocabulary = trial.get(VOCAB_SIZE);
      RecurrentConfig recurrent =
          layer(trial, trial.text("cell")).withNumLayers(trial.get(NUM_LAYERS));
      model = model(trial, vocabulary, recurrent, vocabulary);
      int steps = trial.get(SEQ_LENGTH);
      int batch = trial.get(BATCH_SIZE);
      int[] text =
          trial.random("text").ints(1 + (long) WINDOWS * steps * batch, 0, vocabulary).toArray();
      reader =
          new StreamReader(
              model,
              new Streams("scaling", text, steps, batch),
              trial.get(SHARD_SIZE),
              team,
              peers);
      training = new Training(model.parameters(), new Adam(trial.get(LEARNING_RATE)), CLIP_NORM);
    }

    double step() {
      return training.step(
          () -> {
            double loss = reader.next();
            summed = System.nanoTime();
            return loss;
          },
          () -> {});
    }

    int checksum() {
      return Arrays.hashCode(model.parameters().values());
    }
  }

  private static Measured trial(TrialContext trial) {
    Peers peers = trial.peers();
    if (peers.count() < 2) {
      throw new InputException("scaling compares one executor with several: give 2 or more.");
    }
    Metered metered = new Metered(peers);
    try (Team team = new Team(trial.threads())) {
      Copy together = new Copy(trial, team, metered);
      return peers.rank() == 0
          ? lead(trial, new Copy(trial, team, Peers.none()), together, metered)
          : follow(peers, together, metered);
    }
  }

  /** Steps whenever the first executor says so, and tells it how long the exchange took. */
  private static Measured follow(Peers peers, Copy together, Metered metered) {
    while (peers.receive(0).get() != 0) {
      metered.restart();
      together.step();
      long exchange = together.summed - metered.firstSent;
      peers.send(0, ByteBuffer.allocate(Long.BYTES).putLong(0, exchange));
    }
    peers.send(0, ByteBuffer.allocate(Integer.BYTES).putInt(0, together.checksum()));
    return new Measured();
  }

  private static Measured lead(TrialContext trial, Copy alone, Copy together, Metered metered) {
    List<Double> aloneSeconds = new ArrayList<>();
    List<Double> passSeconds = new ArrayList<>();
    List<Double> togetherSeconds = new ArrayList<>();
    List<Double> exchangeSeconds = new ArrayList<>();
    Peers peers = trial.peers();
    long begin = System.nanoTime();
    for (int pair = -WARM_UP;
        pair < FEWEST || System.nanoTime() - begin < trial.get(SECONDS) * NANOS;
        pair++) {
      if (pair == 0) {
        begin = System.nanoTime();
      }
      // Who goes first changes, so that a machine that becomes slower favours nobody.
      double loss = pair % 2 == 0 ? step(alone, aloneSeconds, passSeconds) : 0;
      double sharedLoss = step(peers, together, metered, togetherSeconds, exchangeSeconds);
      loss = pair % 2 == 0 ? loss : step(alone, aloneSeconds, passSeconds);
      if (loss != sharedLoss) {
        throw new IllegalStateException(
            "One executor has the loss " + loss + ", several have " + sharedLoss);
      }
    }
    tell(peers, 0);
    for (int rank = 1; rank < peers.count(); rank++) {
      if (peers.receive(rank).getInt() != alone.checksum()) {
        throw new IllegalStateException("Executor " + rank + " has other weights");
      }
    }
    return new Measured()
        .put("parameters", (long) alone.model.parameters().size())
        .put("executors", (long) peers.count())
        .put("alone", counted(aloneSeconds))
        .put("passes", counted(passSeconds))
        .put("together", counted(togetherSeconds))
        .put("exchange", counted(exchangeSeconds))
        .put("sent", metered.bytes);
  }

  private static List<Double> counted(List<Double> seconds) {
    return seconds.subList(WARM_UP, seconds.size());
  }

  private static double step(Copy alone, List<Double> seconds, List<Double> passes) {
    long start = System.nanoTime();
    double loss = alone.step();
    seconds.add((System.nanoTime() - start) / NANOS);
    passes.add((alone.summed - start) / NANOS);
    return loss;
  }

  /** A step of all, from the word to begin until the last has made it. */
  private static double step(
      Peers peers, Copy together, Metered metered, List<Double> seconds, List<Double> exchanges) {
    long start = System.nanoTime();
    tell(peers, 1);
    metered.restart();
    double loss = together.step();
    // Whoever came last waited for nobody: that is the exchange itself.
    long exchange = together.summed - metered.firstSent;
    for (int rank = 1; rank < peers.count(); rank++) {
      exchange = Math.min(exchange, peers.receive(rank).getLong());
    }
    seconds.add((System.nanoTime() - start) / NANOS);
    exchanges.add(exchange / NANOS);
    return loss;
  }

  private static void tell(Peers peers, int more) {
    for (int rank = 1; rank < peers.count(); rank++) {
      peers.send(rank, ByteBuffer.allocate(1).put(0, (byte) more));
    }
  }
}
