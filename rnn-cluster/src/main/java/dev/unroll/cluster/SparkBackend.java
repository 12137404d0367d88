package dev.unroll.cluster;

import dev.unroll.experiments.harness.Attempt;
import dev.unroll.experiments.harness.Backend;
import dev.unroll.experiments.harness.Experiment;
import dev.unroll.experiments.result.Trial;
import dev.unroll.report.run.AtomicFile;
import dev.unroll.report.run.InputException;
import dev.unroll.report.run.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkExecutorInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.ShutdownHookManager;
import org.jspecify.annotations.Nullable;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * Trials on the executors of a Spark cluster, which is joined when the first run needs it. Each
 * trial is a job of its own over data of its own, so that one that ends its executor again and
 * again takes no other with it. A trial may also be shared by several executors, the tasks of a
 * barrier stage: when one is lost, all of them begin again. Replies are handled on the thread that
 * runs the sweep, one by one, in the order in which they arrive.
 */
final class SparkBackend implements Backend {
  /** With Spark's own start, which takes long on a busy machine; itself it gives up after 60. */
  private static final int REGISTRATION_SECONDS = 50;

  private static final int FIRST_EXECUTOR_SECONDS = 30;

  /** So many jobs for each executor: one that runs, and one that waits its turn. */
  private static final int JOBS_PER_CORE = 2;

  /** What Spark says of a task that it will not try again, and of its last try. */
  private static final Pattern LOST_TASK =
      Pattern.compile("Task \\d+ in stage \\S+ failed (\\d+) times.*?: Lost task .*?\\): (.*)");

  /** What it says of a try whose executor was lost. */
  private static final Pattern LOST_EXECUTOR =
      Pattern.compile("ExecutorLostFailure.*?(?: Reason: (.*))?");

  /** What it says when one of the tasks that share a trial is gone. */
  private static final String LOST_TOGETHER = "failed barrier ResultStage";

  /** How often a trial that is shared may lose an executor. */
  private static final int MOST_LOSSES = 10;

  private final SparkConf conf;

  /** How many share a trial; 0 where each trial is one task. */
  private final int sharing;

  private @Nullable JavaSparkContext context;

  /** A trial as text, and how often it has lost an executor. */
  private record Job(Request request, String assignment, int losses) {}

  /** A trial's reply, or why there is none. */
  private record Event(Job job, @Nullable String reply, @Nullable Throwable problem) {
    boolean isLostTogether() {
      return problem != null && String.valueOf(problem.getMessage()).contains(LOST_TOGETHER);
    }
  }

  /** Each trial on one executor. */
  SparkBackend(SparkConf conf) {
    this.conf = conf;
    sharing = 0;
  }

  /** Each trial on so many executors together, with all of their cores. */
  SparkBackend(SparkConf conf, int sharing) {
    this.sharing = sharing;
    this.conf =
        conf.setIfMissing("spark.task.cpus", conf.get("spark.executor.cores"))
            .setIfMissing(
                "spark.cores.max",
                Integer.toString(sharing * conf.getInt("spark.executor.cores", 1)))
            .setIfMissing("spark.executor.instances", Integer.toString(sharing))
            // Whenever there are fewer executors than that, it waits for more.
            .setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s")
            .setIfMissing(
                "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures",
                Integer.toString(Integer.MAX_VALUE));
  }

  private JavaSparkContext context() {
    if (context == null) {
      context = joined();
    }
    return context;
  }

  private JavaSparkContext joined() {
    String master = conf.get("spark.master");
    FutureTask<JavaSparkContext> joining = new FutureTask<>(() -> new JavaSparkContext(conf));
    Thread.ofPlatform().daemon().name("joining").start(joining);
    try {
      JavaSparkContext joined =
          master.startsWith("spark://")
              ? joining.get(REGISTRATION_SECONDS, TimeUnit.SECONDS)
              : joining.get();
      awaitExecutors(joined);
      return joined;
    } catch (TimeoutException silent) {
      throw new InputException(
          "%s has not let this program in for %d seconds: compare spark.authenticate.secret and the other spark.authenticate and spark.network.crypto lines with those that it was started with."
              .formatted(master, REGISTRATION_SECONDS));
    } catch (ExecutionException failed) {
      throw new InputException(
          "Spark cannot start on %s: %s"
              .formatted(master, Objects.requireNonNull(failed.getCause()).getMessage()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  /** Waits until the executors that come at once are there, or says that none comes. */
  private static void awaitExecutors(JavaSparkContext joined) throws InterruptedException {
    if (joined.isLocal()) {
      return;
    }
    int before = 0;
    for (int waited = 0; waited < 2 * FIRST_EXECUTOR_SECONDS; waited++) {
      requireAlive(joined);
      int now = executors(joined);
      if (now > 0 && now == before) {
        return;
      }
      before = now;
      Thread.sleep(500);
    }
    if (executors(joined) == 0) {
      System.err.printf(
          "No executor has come in %d seconds; this waits on. Are workers registered with the"
              + " master, with its secret, a free core, and the memory of spark.executor.memory?%n",
          FIRST_EXECUTOR_SECONDS);
    }
  }

  private static int executors(JavaSparkContext joined) {
    return joined.sc().getExecutorIds().size();
  }

  @Override
  public int width(Experiment experiment, List<Trial> trials) {
    if (trials.stream().anyMatch(experiment::alone)) {
      throw new InputException(
          experiment.name()
              + " measures time, which machines of a cluster share with others: run it without a"
              + " cluster.");
    }
    return sharing > 0 ? 1 : Math.min(context().defaultParallelism(), trials.size());
  }

  @Override
  public long memory() {
    return conf.getSizeAsBytes("spark.executor.memory", "1g");
  }

  @Override
  public void run(Sweep sweep, List<Request> requests, Listener listener) throws IOException {
    if (requests.isEmpty()) {
      return;
    }
    Experiment experiment = sweep.experiment();
    String inputs = experiment.fingerprint(sweep.settings());
    JavaSparkContext joined = context();
    Deque<Request> waiting = new ArrayDeque<>(requests);
    List<String> failed = new ArrayList<>();
    try {
      follow(joined, sweep, inputs, waiting, listener, failed);
    } catch (IllegalStateException notAnswered) {
      requireAlive(joined);
      throw notAnswered;
    }
    if (!failed.isEmpty()) {
      throw new InputException(
          "%s: %d of %d trials went wrong, the others are kept; the same command tries them again. The first was %s"
              .formatted(experiment.name(), failed.size(), requests.size(), failed.getFirst()));
    }
  }

  private void follow(
      JavaSparkContext joined,
      Sweep sweep,
      String inputs,
      Deque<Request> waiting,
      Listener listener,
      List<String> failed)
      throws IOException {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    int most = sharing > 0 ? 1 : JOBS_PER_CORE * joined.defaultParallelism();
    int submitted = 0;
    int ended = 0;
    while (ended < submitted || !waiting.isEmpty()) {
      while (!waiting.isEmpty() && submitted - ended < most) {
        Request next = waiting.remove();
        submit(joined, new Job(next, Assignment.of(sweep, next, inputs), 0), events);
        submitted++;
      }
      Event event = next(events);
      requireAlive(joined);
      if (event != null && event.isLostTogether() && event.job().losses() < MOST_LOSSES) {
        Job lost = event.job();
        submit(joined, new Job(lost.request(), lost.assignment(), lost.losses() + 1), events);
      } else if (event != null) {
        Trial trial = event.job().request().trial();
        String why = handle(event, sweep, listener);
        if (why != null) {
          failed.add(trial.label() + ": " + why);
          listener.failed(trial, why);
        }
        ended++;
      }
      listener.status(status(joined, failed.size()));
    }
  }

  private static @Nullable Event next(BlockingQueue<Event> events) {
    try {
      return events.poll(1, TimeUnit.SECONDS);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  private void submit(JavaSparkContext joined, Job job, BlockingQueue<Event> events) {
    int tasks = Math.max(1, sharing);
    RDD<String> texts =
        joined.parallelize(Collections.nCopies(tasks, job.assignment()), tasks).rdd();
    if (sharing > 0) {
      texts =
          texts.barrier().mapPartitions(new Alike(), false, ClassTag$.MODULE$.apply(String.class));
    }
    Queue<String> answers = new ConcurrentLinkedQueue<>();
    joined
        .sc()
        .submitJob(
            texts,
            new TrialTask(),
            CollectionConverters.asScala(
                    IntStream.range(0, tasks).<Object>mapToObj(Integer::valueOf).toList())
                .toSeq(),
            (partition, reply) -> {
              if (!reply.isEmpty()) { // of those that share a trial one answers, or has an error
                answers.add(reply);
              }
              return BoxedUnit.UNIT;
            },
            () -> BoxedUnit.UNIT)
        .onComplete(
            ended -> {
              Throwable problem = ended.isFailure() ? ended.failed().get() : null;
              String reply = answers.peek();
              events.add(new Event(job, reply, reply == null ? problem : null));
              return BoxedUnit.UNIT;
            },
            ExecutionContext.parasitic$.MODULE$);
  }

  /** Keeps what a trial measured; otherwise says why there is nothing to keep. */
  private static @Nullable String handle(Event event, Sweep sweep, Listener listener)
      throws IOException {
    if (event.reply() == null) {
      return event.isLostTogether()
          ? "its executors were lost %d times".formatted(event.job().losses() + 1)
          : why(String.valueOf(Objects.requireNonNull(event.problem()).getMessage()));
    }
    Reply reply = Json.COMPACT.readValue(event.reply(), Reply.class);
    if (reply.refused() != null) {
      throw new InputException(reply.refused() + ". What is finished is kept.");
    }
    Attempt attempt = reply.attempt();
    if (attempt == null) {
      return reply.error();
    }
    for (Map.Entry<String, byte[]> file : reply.files().entrySet()) {
      Path name = Path.of(file.getKey()).getFileName();
      AtomicFile.write(sweep.directory().resolve(name), file.getValue());
    }
    listener.finished(event.job().request().trial(), attempt);
    return null;
  }

  /** Why a trial has no reply, in few words. */
  private static String why(String problem) {
    Matcher task = LOST_TASK.matcher(problem);
    if (!task.find()) {
      throw lost(problem);
    }
    Matcher executor = LOST_EXECUTOR.matcher(task.group(2));
    return executor.matches()
        ? "its executor was lost %s times (%s)".formatted(task.group(1), executor.group(1))
        : "its executor cannot begin it (%s)".formatted(task.group(2));
  }

  private static String status(JavaSparkContext joined, int failed) {
    int running =
        Arrays.stream(joined.statusTracker().getExecutorInfos())
            .mapToInt(SparkExecutorInfo::numRunningTasks)
            .sum();
    return "%d running, %d failed, %d executors".formatted(running, failed, executors(joined));
  }

  /** A cluster that ends a program does not tell those that wait for its jobs. */
  private static void requireAlive(JavaSparkContext joined) {
    if (joined.sc().isStopped()) {
      throw ShutdownHookManager.inShutdown()
          ? interrupted()
          : lost("it has ended this program, or all of its executors ended at once");
    }
  }

  private static InputException interrupted() {
    return new InputException("Interrupted: run the same command again to continue.");
  }

  private static InputException lost(String why) {
    return new InputException(
        "The cluster is lost (%s): what is finished is kept, run the same command again to continue."
            .formatted(why.lines().findFirst().orElse("")));
  }

  /** Leaves the cluster. */
  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }
}
