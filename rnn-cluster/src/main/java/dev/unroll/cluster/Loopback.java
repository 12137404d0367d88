package dev.unroll.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone cluster of processes of this machine that only this machine can reach: a master, and
 * workers with one core each. Its processes can be killed.
 */
final class Loopback implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int STARTING_SECONDS = 60;

  private final Path folder;
  private final int port;
  private final Process master;
  private final List<Process> workers = new ArrayList<>();

  /**
   * Starts the processes.
   *
   * @param folder for the secret, logs and what executors write
   */
  Loopback(Path folder, int workers) throws IOException, InterruptedException {
    this.folder = folder;
    Files.createFile(
        properties(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        properties(),
        """
        spark.authenticate true
        spark.authenticate.secret %s
        spark.network.crypto.enabled true
        spark.network.crypto.cipher AES/GCM/NoPadding
        spark.master.rest.enabled false
        """
            .formatted(ClusterOptions.secret()));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    master =
        start("master", "org.apache.spark.deploy.master.Master", "--port", Integer.toString(port));
    for (int waited = 0; !answers(); waited++) {
      if (waited == 10 * STARTING_SECONDS) {
        close();
        throw new IllegalStateException("The master does not start, see " + folder);
      }
      Thread.sleep(100);
    }
    for (int i = 0; i < workers; i++) {
      addWorker();
    }
  }

  private Process start(String name, String type, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp"));
    command.add(
        Path.of(Objects.requireNonNull(System.getenv("SPARK_HOME")), "jars", "*").toString());
    command.addAll(List.of(type, "--host", HOST, "--webui-port", "0"));
    command.addAll(List.of("--properties-file", properties().toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(name + ".log").toFile())
        .start();
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** One more worker. */
  void addWorker() throws IOException {
    workers.add(
        start(
            "worker" + workers.size(),
            "org.apache.spark.deploy.worker.Worker",
            "--cores",
            "1",
            "--memory",
            "2g",
            "--work-dir",
            folder.resolve("work").toString(),
            url()));
  }

  /** What {@code --on} takes. */
  String url() {
    return "spark://" + HOST + ":" + port;
  }

  /** What {@code --properties-file} takes. */
  Path properties() {
    return folder.resolve("cluster.conf");
  }

  /** Kills an executor with SIGKILL. */
  void killExecutor() {
    workers.stream()
        .flatMap(worker -> worker.descendants())
        .findFirst()
        .orElseThrow()
        .destroyForcibly();
  }

  /** Kills the oldest worker and its executors with SIGKILL. */
  void killWorker() {
    kill(workers.removeFirst());
  }

  private static void kill(Process process) {
    List<ProcessHandle> executors = process.descendants().toList();
    process.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    workers.forEach(Loopback::kill);
    kill(master);
  }
}
