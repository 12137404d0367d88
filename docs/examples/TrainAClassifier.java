import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.io.StateDict;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Adam;
import dev.unroll.train.GradientClipping;
import dev.unroll.train.Model;
import dev.unroll.train.Session;
import java.nio.file.Path;

/** Trains a GRU to name the first of 10 tokens after the last, and saves it in FILE, its argument. */
class TrainAClassifier {
  public static void main(String[] args) throws Exception {
    int steps = 10, batch = 64, tokens = 10;
    var gru = RecurrentConfig.of(Cells.named("gru"), 16, 64);
    var random = Initializer.random(1);
    var model = new Model(Model.Config.of(gru, tokens).withEmbedding(tokens), random);
    Session session = model.session(steps, batch, Model.Readout.LAST_STEP, true);
    var adam = new Adam(.01);
    int[] x = new int[steps * batch]; // [T, B]
    int[] first = new int[batch];
    for (int i = 1; i <= 200; i++) {
      for (int k = 0; k < x.length; k++) x[k] = random.nextInt(tokens);
      System.arraycopy(x, 0, first, 0, batch);
      session.forward(x);
      model.parameters().zeroGradients();
      double loss = session.crossEntropy(first);
      session.backward();
      GradientClipping.byGlobalNorm(model.parameters(), 5);
      adam.step(model.parameters());
      if (i % 50 == 0) System.out.printf("loss %.3f, %d of 64 right%n", loss, session.correct());
    }
    StateDict.of(model).write(Path.of(args[0]));
  }
}
