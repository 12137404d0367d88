package dev.unroll.train;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Initializer;
import dev.unroll.guest.Guests;
import dev.unroll.kernel.Lanes;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.run.Team;
import dev.unroll.train.Model.Readout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Prints the vector width, trains every cell for 100 steps and for one more with a NaN in the
 * embedding, and prints a hash of all outputs, gradients, losses and parameters on the way: the
 * program that {@link SameBitsTest} runs in different virtual machines. To the hash one NaN is as
 * good as another.
 */
final class Fingerprint {
  private static final int STEPS = 100;
  private static final int VOCAB = 7;

  /** Negative and with a payload, unlike those that operations make. */
  private static final float NAN = Float.intBitsToFloat(0xffc12345);

  private Fingerprint() {}

  /** Takes the numbers of threads, hidden units, steps and sequences. */
  public static void main(String[] args) throws NoSuchAlgorithmException {
    System.out.println(Lanes.BITS + " bits");
    try (Team team = new Team(Integer.parseInt(args[0]))) {
      int hiddenSize = Integer.parseInt(args[1]);
      int length = Integer.parseInt(args[2]);
      int batch = Integer.parseInt(args[3]);
      for (Cell cell : Guests.andOurs()) {
        System.out.println(cell.name() + " " + hash(cell, hiddenSize, length, batch, team));
      }
    }
  }

  private static String hash(Cell cell, int hiddenSize, int length, int batch, Team team)
      throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    RandomGenerator random = Initializer.random(31);
    RecurrentConfig recurrent =
        RecurrentConfig.of(cell, 2, hiddenSize).withNumLayers(2).withDropout(.3);
    Model model = new Model(Model.Config.of(recurrent, VOCAB).withEmbedding(VOCAB), random);
    Session session = model.session(length, batch, Readout.EVERY_STEP, true, team);
    State state = State.zeros(recurrent, batch);
    int[] lengths = new int[batch];
    Arrays.setAll(lengths, b -> 1 + (3 * b + 3) % length);
    Optimizer optimizer = new Adam(.01);
    int[] tokens = new int[length * batch];
    for (int step = 0; step <= STEPS; step++) {
      if (step == STEPS) {
        int offset = model.parameters().slice("embedding.weight").offset();
        model.parameters().values()[offset] = NAN;
        model.parameters().changed();
      }
      Arrays.setAll(tokens, i -> random.nextInt(VOCAB));
      model.parameters().zeroGradients();
      session.forward(tokens, state, step % 2 == 0 ? null : lengths, state);
      add(digest, session.outputs());
      add(digest, session.logits());
      long loss = Double.doubleToLongBits(session.crossEntropy(tokens));
      digest.update(ByteBuffer.allocate(8).putLong(loss).flip());
      session.backward();
      add(digest, model.parameters().gradients());
      GradientClipping.byGlobalNorm(model.parameters(), .5);
      optimizer.step(model.parameters());
      add(digest, model.parameters().values());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    for (float value : values) {
      bytes.putInt(Float.floatToIntBits(value));
    }
    digest.update(bytes.flip());
  }
}
