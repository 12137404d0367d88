import dev.unroll.io.StateDict;
import dev.unroll.train.Model;
import java.nio.file.Path;

/** One token at a time, to the model that TrainAClassifier saved: it is right after ten. */
class StreamTokens {
  public static void main(String[] args) throws Exception {
    Model model = StateDict.read(Path.of(args[0])).model();
    var stream = model.stream(1);
    stream.warmUp();
    for (int token : new int[] {7, 1, 2, 3, 4}) {
      float[] logits = stream.step(token);
      int best = 0;
      for (int c = 1; c < logits.length; c++) if (logits[c] > logits[best]) best = c;
      System.out.println("after " + token + " the model says " + best);
    }
    stream.reset();
  }
}
