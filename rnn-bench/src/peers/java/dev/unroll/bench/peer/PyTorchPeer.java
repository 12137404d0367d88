package dev.unroll.bench.peer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RNN.Activation;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch through DJL: {@code torch::lstm}, {@code gru} and {@code rnn_tanh}, which for an LSTM end
 * in oneDNN. Forward runs without autograd. A training step is forward, autograd and fresh
 * gradients (as after {@code zero_grad(set_to_none=True)}). Timed with it: the JNI call and the
 * allocation of PyTorch's own outputs, which every user of it pays.
 */
public final class PyTorchPeer implements Peer {
  /** Starts no engine yet: that needs the number of threads. */
  public PyTorchPeer() {}

  @Override
  public String label() {
    return "PyTorch 2.7.1";
  }

  @Override
  public boolean supports(Workload workload) {
    return List.of("rnn_tanh", "lstm", "gru").contains(workload.cell());
  }

  @Override
  public Layer prepare(Workload workload, Operands operands) {
    return new PyTorchLayer(workload, operands, manager(workload));
  }

  @Override
  public Optional<StreamServer> serve(Workload workload, Operands operands, int largest) {
    PyTorchLayer layer = new PyTorchLayer(workload, operands, manager(workload));
    return Optional.of(
        new PyTorchStreams(
            layer::step,
            layer.manager,
            workload.shape().inputSize(),
            workload.shape().hiddenSize(),
            layer.state.size()));
  }

  private static PtNDManager manager(Workload workload) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(workload.threads()));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Engine engine = Engine.getEngine("PyTorch");
    if (JniUtils.getNumThreads() != workload.threads()) {
      JniUtils.setNumThreads(workload.threads());
    }
    JniUtils.setGradMode(workload.mode() == Mode.TRAINING);
    return (PtNDManager) engine.newBaseManager();
  }

  private static final class PyTorchLayer implements Layer {
    private static final List<String> NAMES =
        List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh", "x");
    private static final int X = 4;

    private final String cell;
    private final boolean training;
    private final PtNDManager manager;
    private final PtNDArray gradY;
    private final NDList state = new NDList();

    /** In the order of {@link #NAMES}. */
    private final PtNDArray[] inputs;

    /** In training, views of the inputs that autograd follows. */
    private final @Nullable PtNDArray[] tracked = new PtNDArray[NAMES.size()];

    private NDList outputs = new NDList();

    PyTorchLayer(Workload workload, Operands o, PtNDManager manager) {
      this.manager = manager;
      cell = workload.cell();
      training = workload.mode() == Mode.TRAINING;
      var s = workload.shape();
      int rows = workload.gates() * s.hiddenSize();
      gradY = array(o.gradY(), s.steps(), s.batch(), s.hiddenSize());
      inputs =
          new PtNDArray[] {
            array(o.weightIh(), rows, s.inputSize()),
            array(o.weightHh(), rows, s.hiddenSize()),
            array(o.biasIh(), rows),
            array(o.biasHh(), rows),
            array(o.x(), s.steps(), s.batch(), s.inputSize())
          };
      for (int i = 0; i < (cell.equals("lstm") ? 2 : 1); i++) {
        state.add(manager.zeros(new Shape(1, s.batch(), s.hiddenSize())));
      }
    }

    private PtNDArray array(float[] values, long... shape) {
      return (PtNDArray) manager.create(values, new Shape(shape));
    }

    @Override
    public void run() {
      release();
      if (!training) {
        outputs = step(inputs[X], state);
        return;
      }
      PtNDArray[] views = new PtNDArray[inputs.length];
      for (int i = 0; i < views.length; i++) {
        views[i] = JniUtils.detachGradient(inputs[i]);
        JniUtils.attachGradient(views[i], true);
        tracked[i] = views[i];
      }
      outputs = layer(views[X], state, views);
      JniUtils.backward((PtNDArray) outputs.get(0), gradY, false, false);
    }

    /** Takes the steps of x from some states, without autograd. */
    NDList step(PtNDArray x, NDList from) {
      return layer(x, from, inputs);
    }

    private NDList layer(PtNDArray x, NDList state, PtNDArray[] from) {
      NDList weights = new NDList(new NDArray[] {from[0], from[1], from[2], from[3]});
      PtNDArray h0 = (PtNDArray) state.get(0);
      return switch (cell) {
        case "lstm" -> JniUtils.lstm(x, state, weights, true, 1, 0, training, false, false);
        case "gru" -> JniUtils.gru(x, h0, weights, true, 1, 0, training, false, false);
        default ->
            JniUtils.rnn(x, h0, weights, true, 1, Activation.TANH, 0, training, false, false);
      };
    }

    @Override
    public Map<String, float[]> results() {
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", outputs.get(0).toFloatArray());
      for (int i = 0; training && i < tracked.length; i++) {
        try (PtNDArray gradient = JniUtils.getGradient(Objects.requireNonNull(tracked[i]))) {
          results.put(NAMES.get(i), gradient.toFloatArray());
        }
      }
      return results;
    }

    private void release() {
      outputs.close();
      for (PtNDArray view : tracked) {
        if (view != null) {
          view.close();
        }
      }
    }

    @Override
    public void close() {
      release();
      manager.close();
    }
  }
}
