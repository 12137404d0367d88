package dev.unroll.cluster;

import dev.unroll.kernel.Lanes;
import dev.unroll.report.run.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which cluster, and how safely: what is said here comes before what {@code spark-submit} was told,
 * and that before what is usual here.
 */
final class ClusterOptions {
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*\\d+\\s*,\\s*(\\d+)\\s*]");
  private static final String SECRET = "spark.authenticate.secret";
  private static final String MASTER = "spark.master";
  private static final String CLASS_PATH = "spark.executor.extraClassPath";
  private static final String JAVA_OPTIONS = "spark.executor.extraJavaOptions";
  private static final String LOOPBACK = "127.0.0.1";
  private static final int SECRET_BYTES = 32;
  private static final int CONNECT_MILLIS = 5000;

  @Option(
      names = "--on",
      paramLabel = "MASTER",
      description =
          "The cluster: spark://HOST:PORT, or local-cluster[EXECUTORS,1,MB] for processes of this"
              + " machine. Under spark-submit it is that of spark-submit.")
  private @Nullable String master;

  @Option(
      names = "--properties-file",
      paramLabel = "FILE",
      description =
          "Spark's properties, among them spark.authenticate.secret: nobody else may read it.")
  private @Nullable Path properties;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A property of Spark's, such as spark.executor.memory=2g; no secrets.")
  private Map<String, String> given = new LinkedHashMap<>();

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description =
          "The address of this machine that executors connect to, and the only one that is"
              + " listened on (default: the one that reaches the master).")
  private @Nullable String address;

  /** What a run on a cluster of this machine's takes. */
  static SparkConf of(Loopback cluster, Map<String, String> given) throws IOException {
    ClusterOptions options = new ClusterOptions();
    options.given = given;
    options.master = cluster.url();
    options.properties = cluster.properties();
    return options.conf();
  }

  /**
   * What Spark is started with.
   *
   * @throws InputException if something given cannot be used
   */
  SparkConf conf() throws IOException {
    SparkConf conf = new SparkConf(true);
    if (properties != null) {
      read(properties).forEach((key, value) -> conf.set(key.toString(), value.toString().strip()));
    }
    if (given.containsKey(SECRET)) {
      throw new InputException(
          "Everybody on this machine can read a secret on a command line: put "
              + SECRET
              + " into the file of --properties-file.");
    }
    given.forEach(conf::set);
    if (master != null) {
      conf.setMaster(master);
    }
    if (!conf.contains(MASTER)) {
      throw new InputException(
          "Name the cluster with --on MASTER, such as spark://HOST:7077 or"
              + " local-cluster[2,1,1024]; without a cluster, use ./unroll.");
    }
    usual(conf);
    Matcher local = LOCAL_CLUSTER.matcher(conf.get(MASTER));
    if (local.matches()) {
      conf.setIfMissing("spark.executor.memory", local.group(1) + "m")
          .setIfMissing(SECRET, secret())
          .setIfMissing("spark.driver.host", LOOPBACK);
    } else if (conf.get(MASTER).startsWith("spark://")) {
      standalone(conf);
    }
    if (conf.contains("spark.driver.host")) {
      conf.setIfMissing("spark.driver.bindAddress", conf.get("spark.driver.host"));
    }
    ship(conf, local.matches());
    return conf;
  }

  private static void usual(SparkConf conf) {
    conf.setIfMissing("spark.app.name", "unroll")
        .setIfMissing("spark.authenticate", "true")
        .setIfMissing("spark.network.crypto.enabled", "true")
        .setIfMissing("spark.network.crypto.cipher", "AES/GCM/NoPadding")
        .setIfMissing("spark.ui.enabled", "false")
        .setIfMissing("spark.ui.killEnabled", "false")
        .setIfMissing("spark.ui.showConsoleProgress", "false")
        // An executor that is lost is no error of a run's.
        .setIfMissing("spark.log.level", "FATAL")
        // A trial that exhausts its heap or halts its JVM has no neighbours there.
        .setIfMissing("spark.executor.cores", "1")
        // Once more where an executor was lost. What goes wrong within a trial is no task's
        // failure.
        .setIfMissing("spark.task.maxFailures", "2");
    String width = System.getProperty(Lanes.PROPERTY);
    conf.set(
        JAVA_OPTIONS,
        String.join(
                " ",
                usualJavaOptions(),
                width == null ? "" : "-D" + Lanes.PROPERTY + "=" + width,
                conf.get(JAVA_OPTIONS, ""))
            .strip());
  }

  /** What every JVM of this project needs. */
  static String usualJavaOptions() {
    Properties jvm = new Properties();
    try (InputStream file = ClusterOptions.class.getResourceAsStream("jvm.properties")) {
      jvm.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read jvm.properties", e);
    }
    return jvm.getProperty("options");
  }

  private void standalone(SparkConf conf) throws IOException {
    URI first = URI.create(conf.get(MASTER).replaceFirst(",.*", ""));
    if (first.getHost() == null || first.getPort() < 0) {
      throw new InputException(
          "--on " + conf.get(MASTER) + " names no master: give spark://HOST:PORT.");
    }
    if (conf.getBoolean("spark.authenticate", true) && !conf.contains(SECRET)) {
      throw new InputException(
          conf.get(MASTER)
              + " needs a secret: give --properties-file FILE with the line \""
              + SECRET
              + " ...\" that the master and the workers were started with.");
    }
    InetSocketAddress there = new InetSocketAddress(first.getHost(), first.getPort());
    try (Socket probe = new Socket()) {
      probe.connect(there, CONNECT_MILLIS);
    } catch (IOException nobody) {
      throw new InputException(
          "Nobody answers at %s (%s): start the master there, or give its address."
              .formatted(conf.get(MASTER), nobody.getMessage()));
    }
    if (address != null) {
      conf.set("spark.driver.host", address);
    }
    // A datagram socket that is connected has sent nothing and knows its own address.
    try (DatagramSocket towards = new DatagramSocket()) {
      towards.connect(there);
      conf.setIfMissing("spark.driver.host", towards.getLocalAddress().getHostAddress());
    }
  }

  /** How our code gets to the executors; spark-submit has its own way. */
  private static void ship(SparkConf conf, boolean here) {
    if (Boolean.getBoolean("SPARK_SUBMIT") || conf.contains(CLASS_PATH)) {
      return;
    }
    Path code = Fingerprint.location(ClusterOptions.class);
    boolean jar = Files.isRegularFile(code);
    if (here) {
      conf.set(CLASS_PATH, jar ? code.toString() : System.getProperty("java.class.path"));
    } else if (jar) {
      conf.set("spark.jars", code.toUri().toString());
    } else {
      throw new IllegalStateException("classes in folders cannot be sent to another machine");
    }
  }

  /** A secret that nobody can guess. */
  static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static Properties read(Path file) throws IOException {
    Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    others.removeIf(permission -> permission.name().startsWith("OWNER"));
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    if (properties.containsKey(SECRET) && !others.isEmpty()) {
      throw new InputException(
          "Others can read the secret in %s: take it from them with chmod 600 %s."
              .formatted(file, file));
    }
    return properties;
  }
}
