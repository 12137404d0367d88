package dev.unroll.bench.peer;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Deeplearning4j, forward only: a network of one {@code LSTM} or {@code SimpleRnn} layer, run by
 * {@code output(x)} on its own layout [B, features, T]. It has no GRU. The threads of its native
 * library come from {@code OMP_NUM_THREADS}, set when the measuring process is started.
 */
public final class Deeplearning4jPeer implements Peer {
  /** Makes a peer that has to be prepared. */
  public Deeplearning4jPeer() {}

  @Override
  public String label() {
    return "Deeplearning4j 1.0.0-M2.1";
  }

  @Override
  public boolean supports(Workload workload) {
    return workload.mode() == Mode.FORWARD && List.of("rnn_tanh", "lstm").contains(workload.cell());
  }

  @Override
  public Layer prepare(Workload workload, Operands o) {
    Shape shape = workload.shape();
    boolean lstm = workload.cell().equals("lstm");
    BaseRecurrentLayer layer =
        lstm
            ? new LSTM.Builder()
                .nIn(shape.inputSize())
                .nOut(shape.hiddenSize())
                .activation(Activation.TANH)
                .gateActivationFunction(Activation.SIGMOID)
                .build()
            : new SimpleRnn.Builder()
                .nIn(shape.inputSize())
                .nOut(shape.hiddenSize())
                .activation(Activation.TANH)
                .build();
    MultiLayerNetwork network =
        new MultiLayerNetwork(new NeuralNetConfiguration.Builder().list().layer(layer).build());
    network.init();
    // The layer's blocks are the candidate, forget, output and input gate.
    int[] order = lstm ? new int[] {2, 1, 3, 0} : new int[] {0};
    network.setParam("0_W", transposed(o.weightIh(), order, shape.inputSize()));
    network.setParam("0_RW", transposed(o.weightHh(), order, shape.hiddenSize()));
    float[] bias = new float[o.biasIh().length];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = o.biasIh()[i] + o.biasHh()[i];
    }
    network.setParam("0_b", transposed(bias, order, 1));
    // [T, B, I] to [B, I, T]
    try (INDArray timeMajor =
        Nd4j.create(o.x(), new long[] {shape.steps(), shape.batch(), shape.inputSize()}, 'c')) {
      return new DeepLayer(network, timeMajor.permute(1, 2, 0).dup('f'));
    }
  }

  /** [G*H, columns] to [columns, G*H] with the gates in the given order. */
  private static INDArray transposed(float[] weight, int[] order, int columns) {
    int rows = weight.length / columns;
    int hidden = rows / order.length;
    float[] values = new float[weight.length];
    for (int row = 0; row < rows; row++) {
      int from = order[row / hidden] * hidden + row % hidden;
      for (int k = 0; k < columns; k++) {
        values[k * rows + row] = weight[from * columns + k];
      }
    }
    return Nd4j.create(values, new long[] {columns, rows}, 'c');
  }

  private static final class DeepLayer implements Layer {
    private final MultiLayerNetwork network;
    private final INDArray x;
    private INDArray y;

    DeepLayer(MultiLayerNetwork network, INDArray x) {
      this.network = network;
      this.x = x;
      this.y = x;
    }

    @Override
    public void run() {
      y = network.output(x, false);
    }

    @Override
    public Map<String, float[]> results() {
      return Map.of("y", y.permute(2, 0, 1).dup('c').data().asFloat());
    }

    @Override
    public void close() {
      network.close();
      x.close();
    }
  }
}
