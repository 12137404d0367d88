package dev.unroll.bench.peer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RNN.Activation;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Workload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * PyTorch through DJL: {@code torch::lstm}, {@code gru}, {@code rnn_tanh} and {@code rnn_relu},
 * which for an LSTM end in oneDNN; any other cell is a program of {@link TorchScript}. Forward runs
 * without autograd. A training step is forward, autograd and fresh gradients (as after {@code
 * zero_grad(set_to_none=True)}). Timed with it: the JNI call and the allocation of PyTorch's own
 * outputs, which every user of it pays.
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
    return Recurrences.isOffered(workload.cell());
  }

  @Override
  public Layer prepare(Workload workload, Operands operands) throws IOException {
    PtNDManager manager = manager(workload);
    return Recurrences.has(workload.cell())
        ? new ScriptLayer(workload, operands, manager)
        : new OperatorLayer(workload, operands, manager);
  }

  @Override
  public Optional<StreamServer> serve(Workload workload, Operands operands, int largest) {
    if (Recurrences.has(workload.cell())) {
      return Optional.empty();
    }
    OperatorLayer layer = new OperatorLayer(workload, operands, manager(workload));
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

  /** A layer whose inputs autograd follows in training. */
  private abstract static class PyTorchLayer implements Layer {
    final Workload workload;
    final PtNDManager manager;
    private final PtNDArray gradY;

    /** The parameters and x, by name. */
    private final Map<String, PtNDArray> inputs = new LinkedHashMap<>();

    /** In training, views of the inputs that autograd follows. */
    private final Map<String, PtNDArray> tracked = new LinkedHashMap<>();

    private NDList outputs = new NDList();

    PyTorchLayer(Workload workload, Operands o, PtNDManager manager) {
      this.workload = workload;
      this.manager = manager;
      var s = workload.shape();
      gradY = array(o.gradY(), s.steps(), s.batch(), workload.outputs());
      input("x", o.x(), s.steps(), s.batch(), s.inputSize());
    }

    final void input(String name, float[] values, long... shape) {
      inputs.put(name, array(values, shape));
    }

    private PtNDArray array(float[] values, long... shape) {
      return (PtNDArray) manager.create(values, new Shape(shape));
    }

    /** The pass over some inputs; its first output is y. */
    abstract NDList forward(Map<String, PtNDArray> from, boolean training);

    /** The parameters and x as they are, without autograd. */
    final Map<String, PtNDArray> plain() {
      return inputs;
    }

    @Override
    public final void run() {
      release();
      if (workload.mode() == Mode.FORWARD) {
        outputs = forward(inputs, false);
        return;
      }
      inputs.forEach(
          (name, values) -> {
            PtNDArray view = JniUtils.detachGradient(values);
            JniUtils.attachGradient(view, true);
            tracked.put(name, view);
          });
      outputs = forward(tracked, true);
      JniUtils.backward((PtNDArray) outputs.get(0), gradY, false, false);
    }

    @Override
    public final Map<String, float[]> results() {
      Map<String, float[]> results = new LinkedHashMap<>();
      results.put("y", outputs.get(0).toFloatArray());
      tracked.forEach(
          (name, view) -> {
            try (PtNDArray gradient = JniUtils.getGradient(view)) {
              results.put(name, gradient.toFloatArray());
            }
          });
      return results;
    }

    private void release() {
      outputs.close();
      tracked.values().forEach(PtNDArray::close);
      tracked.clear();
    }

    @Override
    public void close() {
      release();
      manager.close();
    }
  }

  /** A layer that PyTorch has as an operator. */
  private static final class OperatorLayer extends PyTorchLayer {
    final NDList state = new NDList();

    OperatorLayer(Workload workload, Operands o, PtNDManager manager) {
      super(workload, o, manager);
      var s = workload.shape();
      int rows = workload.gates() * s.hiddenSize();
      input("weight_ih", o.weightIh(), rows, s.inputSize());
      input("weight_hh", o.weightHh(), rows, s.hiddenSize());
      input("bias_ih", o.biasIh(), rows);
      input("bias_hh", o.biasHh(), rows);
      for (int i = 0; i < (workload.cell().equals("lstm") ? 2 : 1); i++) {
        state.add(manager.zeros(new Shape(1, s.batch(), s.hiddenSize())));
      }
    }

    @Override
    NDList forward(Map<String, PtNDArray> from, boolean training) {
      return layer(Objects.requireNonNull(from.get("x")), state, from, training);
    }

    /** Takes the steps of x from some states, without autograd. */
    NDList step(PtNDArray x, NDList from) {
      return layer(x, from, plain(), false);
    }

    private NDList layer(PtNDArray x, NDList state, Map<String, PtNDArray> from, boolean training) {
      NDList weights = new NDList();
      for (String name : List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")) {
        weights.add(from.get(name));
      }
      PtNDArray h0 = (PtNDArray) state.get(0);
      return switch (workload.cell()) {
        case "lstm" -> JniUtils.lstm(x, state, weights, true, 1, 0, training, false, false);
        case "gru" -> JniUtils.gru(x, h0, weights, true, 1, 0, training, false, false);
        default -> {
          Activation f = workload.cell().equals("rnn_relu") ? Activation.RELU : Activation.TANH;
          yield JniUtils.rnn(x, h0, weights, true, 1, f, 0, training, false, false);
        }
      };
    }
  }

  /** A layer that PyTorch has no operator for. */
  private static final class ScriptLayer extends PyTorchLayer {
    private final PtSymbolBlock program;

    ScriptLayer(Workload workload, Operands o, PtNDManager manager) throws IOException {
      super(workload, o, manager);
      TorchScript script = new TorchScript(workload);
      script.shapes().forEach((name, shape) -> input(name, o.parameter(name), shape));
      InputStream archive = new ByteArrayInputStream(script.archive());
      program = JniUtils.loadModule(manager, archive, false, false);
    }

    @Override
    NDList forward(Map<String, PtNDArray> from, boolean training) {
      return IValueUtils.forward(
          program, new NDList(from.values().toArray(NDArray[]::new)), training);
    }

    @Override
    public void close() {
      program.close();
      super.close();
    }
  }
}
