import dev.unroll.io.StateDict;
import dev.unroll.run.Recurrent;
import dev.unroll.train.Model;
import java.nio.file.Path;
import java.util.Arrays;

/** Runs a model that PyTorch saved: safetensors.torch.save_file(model.state_dict(), FILE). */
class LoadAndPredict {
  public static void main(String[] args) throws Exception {
    // shown: begin
    StateDict weights = StateDict.read(Path.of(args[0]));

    // The recurrent layers alone: [T, B, I] in, [T, B, H] out.
    Recurrent rnn = weights.recurrent("rnn.");
    float[] y = rnn.forward(new float[3 * rnn.config().inputSize()], 3, 1);

    // The whole model: embedding, rnn, fc.
    Model model = weights.model();
    var session = model.session(5, 2, Model.Readout.LAST_STEP, false);
    session.forward(new int[] {7, 3, 1, 1, 2, 2, 3, 3, 4, 4}); // [T, B]: two sequences
    // shown: end
    System.out.println(rnn.config().cell().name() + " gives " + y.length + " outputs");
    System.out.println("predicted " + Arrays.toString(session.predictions()));
  }
}
