package dev.unroll.bench.benchmark;

import dev.unroll.bench.layer.EqualSize;
import dev.unroll.cell.Cells;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import dev.unroll.train.Model.Readout;
import dev.unroll.train.Optimizer;
import dev.unroll.train.Session;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * An epoch of a character model as a tutorial trains it: windows of T characters of one text, one
 * after the other, each a step of Adam; embedding as wide as the vocabulary, one recurrent layer,
 * linear readout, cross-entropy, one thread. Does an epoch of windows of 200 take ten times one of
 * 20? The characters are random, which changes nothing of the work; an epoch whose loss is not
 * finite fails.
 *
 * <pre>mvn -pl rnn-bench exec -Dargs="jmh Epoch -p cell=rnn_tanh"</pre>
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class Epoch extends EveryCell {
  private static final int VOCABULARY = 59;

  /** T, characters of a window. */
  @Param({"20", "50", "100", "200"})
  public int steps;

  /** H. */
  @Param("128")
  public int hidden;

  /** Windows of an epoch: the text is as many characters longer than a window. */
  @Param("1000")
  public int windows;

  private int[][] tokens;
  private Model model;
  private Session session;
  private Optimizer optimizer;

  /** Made by JMH. */
  public Epoch() {}

  /** Makes the text and the model. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    int[] text = random.ints(windows + (long) steps, 0, VOCABULARY).toArray();
    tokens = new int[windows + 1][];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = Arrays.copyOfRange(text, i, i + steps);
    }
    RecurrentConfig layer =
        RecurrentConfig.of(Cells.named(cell), VOCABULARY, hidden)
            .withHeads(EqualSize.heads(cell, hidden));
    model = new Model(Model.Config.of(layer, VOCABULARY).withEmbedding(VOCABULARY), random);
    session = model.session(steps, 1, Readout.EVERY_STEP, true);
    optimizer = new Adam(0.003);
  }

  /** One epoch. */
  @Benchmark
  public double epoch() {
    double loss = 0;
    for (int i = 0; i < windows; i++) {
      model.parameters().zeroGradients();
      session.forward(tokens[i]);
      loss += session.crossEntropy(tokens[i + 1]);
      session.backward();
      optimizer.step(model.parameters());
    }
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException("the loss of an epoch of " + cell + " is " + loss);
    }
    return loss / windows;
  }
}
