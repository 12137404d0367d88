package dev.unroll.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unroll.fuzz.Fuzz;
import dev.unroll.fuzz.Mutator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever an ONNX file holds, it is read and run, or refused with a sentence. */
class OnnxFuzzTest {
  private static final int TRIALS = 4_000;

  /** Half of the damage goes to the graph's structure, which is small. */
  private static final int STRUCTURE = 200;

  /** What a run makes adds up to no more: see {@link Memory}. */
  private static final long SMALL = 64L << 20;

  @TempDir private Path folder;

  @Test
  void damagedFilesAreRunOrRefused() {
    List<RandomNode> nodes = LongStream.range(0, 40).mapToObj(RandomNode::new).toList();
    List<byte[]> files = nodes.stream().map(node -> node.model.toByteArray()).toList();
    Path file = folder.resolve("a.onnx");
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    Fuzz.run(
        "onnx",
        TRIALS,
        random -> {
          Mutator mutator = new Mutator(random);
          RandomNode node = mutator.pick(nodes);
          byte[] whole = node.model.toByteArray();
          int reach = random.nextBoolean() ? STRUCTURE : whole.length;
          Files.write(file, mutator.bytes(whole, mutator.pick(files), reach));
          Fuzz.within(
              SMALL,
              () -> {
                try {
                  assertThat(OnnxImport.recurrent(file)).isNotNull();
                  OnnxModel.load(file).run(node.inputs);
                  ran.getAndIncrement();
                } catch (IOException e) {
                  assertThat(e).hasMessageContaining(file.toString());
                  Fuzz.requireSentence(e.getMessage());
                  refused.getAndIncrement();
                } catch (IllegalArgumentException e) {
                  assertThat(e.getMessage())
                      .containsPattern("^(The model (cannot be run|has no)|Input ')");
                  Fuzz.requireSentence(e.getMessage());
                  refused.getAndIncrement();
                }
              });
        });
    assertThat(refused).hasValueGreaterThan(TRIALS / 4);
    assertThat(ran).hasValueGreaterThan(TRIALS / 25);
  }
}
