import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.io.StateDict;
import dev.unroll.onnx.OnnxExport;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.run.State;
import dev.unroll.train.Adam;
import dev.unroll.train.Model;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
/** Loads an LSTM of PyTorch's, trains a GRU, streams it, and runs it in ONNX Runtime. */
class Outside {
  public static void main(String[] args) throws Exception {
    // PyTorch's weights, an input, and its own output for it.
    StateDict file = StateDict.read(Path.of(args[0]));
    Recurrent lstm = new Recurrent(file.recurrentConfig(""));
    file.loadInto(lstm.parameters(), false);
    var x = file.file().tensor("x");
    int steps = x.shape().get(0), batch = x.shape().get(1);
    float[] y = file.file().tensor("y").floats();
    float[] ours = new float[y.length];
    var state = State.of(Cells.named("lstm"), file.file().tensor("h0").floats(), file.file().tensor("c0").floats());
    lstm.forward(lstm.workspace(steps, batch, false), x.floats(), state, null, ours, null);
    same("an LSTM of PyTorch's", y, ours, 1e-5);

    // A GRU learns to name the first of its five tokens.
    var random = Initializer.random(1);
    var gru = RecurrentConfig.of(Cells.named("gru"), 8, 32);
    Model model = new Model(Model.Config.of(gru, 10).withEmbedding(10), random);
    var training = model.session(5, 64, Model.Readout.LAST_STEP, true);
    var adam = new Adam(.01);
    int[] tokens = new int[5 * 64];
    for (int i = 0; i < 150; i++) {
      Arrays.setAll(tokens, k -> random.nextInt(10));
      training.forward(tokens);
      model.parameters().zeroGradients();
      training.crossEntropy(Arrays.copyOf(tokens, 64));
      training.backward();
      adam.step(model.parameters());
    }
    System.out.println("the GRU is right " + training.correct() + " times of 64");

    // One token after the other gives what the whole pass gives.
    int[] five = {3, 1, 4, 1, 5};
    var whole = model.session(5, 1, Model.Readout.EVERY_STEP, false);
    whole.forward(five);
    var stream = model.stream(1);
    float[] streamed = new float[50];
    for (int t = 0; t < 5; t++) System.arraycopy(stream.step(five[t]), 0, streamed, t * 10, 10);
    same("streamed", whole.logits(), streamed, 0);

    // The same model in ONNX Runtime.
    Path onnx = Files.createTempFile("gru", ".onnx");
    OnnxExport.of(model, Model.Readout.EVERY_STEP).write(onnx);
    var environment = OrtEnvironment.getEnvironment();
    try (var session = environment.createSession(onnx.toString());
        var ids = OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[] {3, 1, 4, 1, 5}), new long[] {5, 1});
        var out = session.run(Map.of(session.getInputNames().iterator().next(), ids))) {
      float[] logits = new float[50];
      ((OnnxTensor) out.get(0)).getFloatBuffer().get(logits);
      same("ONNX Runtime", whole.logits(), logits, 1e-5);
    }
  }

  private static void same(String what, float[] a, float[] b, double tolerance) {
    double most = 0;
    for (int i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]));
    if (!(most <= tolerance)) throw new AssertionError(what + " differs by " + most);
    System.out.println(what + ": largest difference " + most);
  }
}
