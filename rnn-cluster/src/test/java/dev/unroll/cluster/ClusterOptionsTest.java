package dev.unroll.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.unroll.experiments.Experiments;
import dev.unroll.experiments.result.Trial;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ClusterOptionsTest {
  @TempDir private Path folder;

  @Command
  private static final class Line {
    @Mixin private ClusterOptions options;
  }

  private static SparkConf conf(String... words) throws IOException {
    Line line = new Line();
    new CommandLine(line).parseArgs(words);
    return line.options.conf();
  }

  private Path properties(String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("conf"), "spark.authenticate.secret abc\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void aClusterOfThisMachineIsLockedAndHidden() throws IOException {
    SparkConf conf = conf("--on", "local-cluster[2,1,700]");
    assertThat(conf.get("spark.authenticate")).isEqualTo("true");
    assertThat(conf.get("spark.network.crypto.enabled")).isEqualTo("true");
    assertThat(conf.get("spark.ui.enabled")).isEqualTo("false");
    assertThat(conf.get("spark.driver.bindAddress")).isEqualTo("127.0.0.1");
    assertThat(conf.get("spark.executor.memory")).isEqualTo("700m");
    assertThat(conf.get("spark.executor.extraJavaOptions")).contains("jdk.incubator.vector");
    assertThat(conf.get("spark.authenticate.secret"))
        .hasSize(64)
        .isNotEqualTo(conf("--on", "local-cluster[2,1,700]").get("spark.authenticate.secret"));
  }

  @Test
  void whatIsGivenComesFirst() throws IOException {
    SparkConf conf = conf("--on", "local-cluster[1,1,700]", "--conf", "spark.executor.memory=600m");
    assertThat(conf.get("spark.executor.memory")).isEqualTo("600m");
  }

  @Test
  void aSecretIsForItsOwnerAndInAFile() throws IOException {
    String file = properties("rw-r-----").toString();
    assertThatThrownBy(() -> conf("--on", "spark://localhost:1", "--properties-file", file))
        .hasMessageContaining("Others can read the secret in " + file);
    assertThatThrownBy(
            () -> conf("--on", "spark://localhost:1", "--conf", "spark.authenticate.secret=x"))
        .hasMessageContaining("on a command line");
    assertThatThrownBy(() -> conf("--on", "spark://localhost:1"))
        .hasMessageContaining("spark://localhost:1 needs a secret");
  }

  @Test
  void aMasterHasToBeThere() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String file = properties("rw-------").toString();
    assertThatThrownBy(() -> conf("--on", "spark://127.0.0.1:" + port, "--properties-file", file))
        .hasMessageContaining("Nobody answers at spark://127.0.0.1:" + port);
    assertThatThrownBy(() -> conf("--on", "spark://nonsense", "--properties-file", file))
        .hasMessageContaining("give spark://HOST:PORT");
    assertThatThrownBy(() -> conf()).hasMessageContaining("Name the cluster with --on MASTER");
  }

  @Test
  void whatMeasuresTimeIsRefusedBeforeAClusterIsJoined() throws IOException {
    try (SparkBackend backend = new SparkBackend(conf("--on", "local-cluster[2,1,700]"))) {
      assertThatThrownBy(
              () -> backend.width(Experiments.named("serial-time"), List.of(Trial.of(1))))
          .hasMessageContaining("serial-time measures time");
    }
  }
}
