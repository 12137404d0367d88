package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Trial;
import dev.unroll.report.run.InputException;
import dev.unroll.train.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Trials on threads of this virtual machine; those that measure time one by one.
 *
 * @param threads trials at a time
 * @param threadsOfATrial what each of them may use
 */
public record ThreadPool(int threads, int threadsOfATrial) implements Backend {
  /** Trials of one thread each. */
  public ThreadPool(int threads) {
    this(threads, 1);
  }

  @Override
  public int width(Experiment experiment, List<Trial> trials) {
    return trials.stream().allMatch(experiment::alone) ? 1 : Math.min(threads, trials.size());
  }

  @Override
  public long memory() {
    return Runtime.getRuntime().maxMemory();
  }

  @Override
  public void run(Sweep sweep, List<Request> requests, Listener listener) throws IOException {
    Map<Boolean, List<Request>> byAlone =
        requests.stream()
            .collect(Collectors.partitioningBy(one -> sweep.experiment().alone(one.trial())));
    run(threads, sweep, byAlone.getOrDefault(false, List.of()), listener);
    run(1, sweep, byAlone.getOrDefault(true, List.of()), listener);
  }

  private void run(int atATime, Sweep sweep, List<Request> requests, Listener listener)
      throws IOException {
    ExecutorService workers = Executors.newFixedThreadPool(atATime);
    try {
      List<Future<?>> running =
          requests.stream().<Future<?>>map(one -> submit(workers, sweep, one, listener)).toList();
      for (Future<?> one : running) {
        await(one);
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private Future<?> submit(
      ExecutorService workers, Sweep sweep, Request request, Listener listener) {
    TrialContext context =
        new TrialContext(
            sweep.experiment().settings(sweep.settings(), request.chosen()),
            request.trial(),
            sweep.directory(),
            (fraction, message) -> listener.progress(request.trial(), fraction, message),
            threadsOfATrial,
            Peers.none(),
            Checkpoints.none());
    return workers.submit(
        () -> {
          listener.finished(request.trial(), Attempt.at(sweep.experiment(), context));
          return null;
        });
  }

  private static void await(Future<?> running) throws IOException {
    try {
      running.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new InputException("Interrupted: run the same command again to continue.");
    } catch (ExecutionException failed) {
      switch (failed.getCause()) {
        case UncheckedIOException problem -> throw problem.getCause();
        case RuntimeException problem -> throw problem;
        case Error problem -> throw problem;
        case IOException problem -> throw problem;
        case null, default -> throw new IllegalStateException(failed);
      }
    }
  }
}
