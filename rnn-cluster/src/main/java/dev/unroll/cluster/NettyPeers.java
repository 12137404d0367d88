package dev.unroll.cluster;

import dev.unroll.train.Peers;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * The tasks of a barrier stage as peers: a channel from each to each, of the kind that Spark's own
 * processes speak through, with its secret and its encryption. The tasks tell each other their
 * addresses once.
 */
final class NettyPeers implements Peers, AutoCloseable {
  /** What a task says in the place of an address when it may not take part. */
  private static final String REFUSAL = "!";

  private final BarrierTaskContext task;

  /** Messages of each peer; at the end, when it has gone, none. */
  private final List<BlockingQueue<Optional<ByteBuffer>>> inboxes = new ArrayList<>();

  private final Map<Channel, BlockingQueue<Optional<ByteBuffer>>> senders =
      new ConcurrentHashMap<>();

  /** None where a task would speak to itself. */
  private final @Nullable TransportClient[] clients;

  private final TransportContext transport;
  private final TransportServer server;
  private final TransportClientFactory factory;
  private final String host;

  /** Listens on the address of this executor. */
  NettyPeers(BarrierTaskContext task) {
    this.task = task;
    for (int i = 0; i < task.numPartitions(); i++) {
      inboxes.add(new LinkedBlockingQueue<>());
    }
    clients = new TransportClient[task.numPartitions()];
    SparkEnv env = SparkEnv.get();
    TransportConf conf =
        SparkTransportConf.fromSparkConf(env.conf(), "unroll", 1, Option.empty(), Option.empty());
    transport = new TransportContext(conf, new Receiver());
    SecurityManager security = env.securityManager();
    List<TransportServerBootstrap> admission = new ArrayList<>();
    List<TransportClientBootstrap> entry = new ArrayList<>();
    if (security.isAuthenticationEnabled()) {
      admission.add(new AuthServerBootstrap(conf, security));
      entry.add(new AuthClientBootstrap(conf, env.conf().getAppId(), security));
    }
    host = env.blockManager().blockManagerId().host();
    server = transport.createServer(host, 0, admission);
    factory = transport.createClientFactory(entry);
  }

  /**
   * Waits for all tasks and connects to them.
   *
   * @param refusal why this one may not take part
   * @return why one of them may not
   */
  Optional<String> connect(Optional<String> refusal) {
    try {
      String[] addresses =
          task.allGather(
              refusal.map(why -> REFUSAL + why).orElseGet(() -> host + " " + server.getPort()));
      Optional<String> refused =
          Arrays.stream(addresses).filter(address -> address.startsWith(REFUSAL)).findFirst();
      if (refused.isPresent()) {
        return refused.map(address -> address.substring(REFUSAL.length()));
      }
      for (int rank = 0; rank < addresses.length; rank++) {
        if (rank != rank()) {
          int space = addresses[rank].indexOf(' ');
          TransportClient client =
              factory.createClient(
                  addresses[rank].substring(0, space),
                  Integer.parseInt(addresses[rank].substring(space + 1)));
          client.send(ByteBuffer.allocate(Integer.BYTES).putInt(0, rank()));
          clients[rank] = client;
        }
      }
      return Optional.empty();
    } catch (Exception unreachable) { // the cluster's, which are not declared, among them
      throw new PeerLostException("One", unreachable);
    }
  }

  /** Waits until all have received everything; nothing is sent or received after it. */
  void leave() {
    for (TransportClient client : clients) {
      if (client != null) {
        client.send(ByteBuffer.allocate(1));
      }
    }
    for (int rank = 0; rank < count(); rank++) {
      if (clients[rank] != null) {
        take(rank); // or it has left already
      }
    }
  }

  @Override
  public int rank() {
    return task.partitionId();
  }

  @Override
  public int count() {
    return task.numPartitions();
  }

  @Override
  public void send(int rank, ByteBuffer message) {
    Objects.requireNonNull(clients[rank]).send(message.duplicate());
  }

  @Override
  public ByteBuffer receive(int rank) {
    return take(rank)
        .orElseThrow(
            () -> {
              // If it has ended with an error of its own, that is to reach the driver first.
              pause();
              return new PeerLostException("Number " + rank, null);
            });
  }

  /** The next message; none where the peer has gone or the cluster has ended this task. */
  private Optional<ByteBuffer> take(int rank) {
    try {
      while (!task.isInterrupted()) {
        Optional<ByteBuffer> message = inboxes.get(rank).poll(1, TimeUnit.SECONDS);
        if (message != null) {
          return message;
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private static void pause() {
    try {
      Thread.sleep(1000);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    factory.close();
    server.close();
    transport.close();
  }

  /** Sorts messages by sender; the first on a channel names it. */
  private final class Receiver extends RpcHandler {
    private final StreamManager none = new OneForOneStreamManager();

    @Override
    public void receive(TransportClient from, ByteBuffer message) {
      BlockingQueue<Optional<ByteBuffer>> inbox = senders.get(from.getChannel());
      if (inbox == null) {
        senders.put(from.getChannel(), inboxes.get(message.getInt()));
      } else {
        inbox.add(Optional.of(ByteBuffer.allocate(message.remaining()).put(message).flip()));
      }
    }

    @Override
    public void receive(TransportClient from, ByteBuffer message, RpcResponseCallback answer) {
      answer.onFailure(new UnsupportedOperationException("messages have no answer"));
    }

    @Override
    public void channelInactive(TransportClient from) {
      BlockingQueue<Optional<ByteBuffer>> inbox = senders.get(from.getChannel());
      if (inbox != null) {
        inbox.add(Optional.empty());
      }
    }

    @Override
    public StreamManager getStreamManager() {
      return none;
    }
  }
}
