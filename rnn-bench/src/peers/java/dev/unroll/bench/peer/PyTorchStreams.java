package dev.unroll.bench.peer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Many streams through PyTorch: the states of each are tensors of their own, which go into the next
 * step as they came out of the last. Those of several are joined before it and parted after it.
 */
final class PyTorchStreams implements StreamServer {
  /** A call of the layer: x [1, B, I] and the states [1, B, H] to y and the states. */
  interface Layer {
    NDList run(PtNDArray x, NDList states);
  }

  private static final int BATCH_AXIS = 1;

  private final Layer layer;
  private final PtNDManager manager;
  private final int inputs;
  private final int hidden;
  private final int states;
  private final List<NDList> streams = new ArrayList<>();

  PyTorchStreams(Layer layer, PtNDManager manager, int inputs, int hidden, int states) {
    this.layer = layer;
    this.manager = manager;
    this.inputs = inputs;
    this.hidden = hidden;
    this.states = states;
  }

  @Override
  public void open(int count) {
    for (int i = 0; i < count; i++) {
      NDList zeros = new NDList();
      for (int s = 0; s < states; s++) {
        zeros.add(manager.zeros(new Shape(1, 1, hidden)));
      }
      streams.add(zeros);
    }
  }

  @Override
  public void step(int[] numbers, int count, float[] x, float[] y) {
    float[] rows = x.length == count * inputs ? x : Arrays.copyOf(x, count * inputs);
    try (PtNDArray in = (PtNDArray) manager.create(rows, new Shape(1, count, inputs))) {
      if (count == 1) {
        try (NDList before = streams.get(numbers[0])) {
          NDList out = layer.run(in, before);
          take(out.removeFirst(), y);
          streams.set(numbers[0], out);
        }
      } else {
        stepTogether(in, numbers, count, y);
      }
    }
  }

  private void stepTogether(PtNDArray in, int[] numbers, int count, float[] y) {
    try (NDList joined = new NDList()) {
      for (int s = 0; s < states; s++) {
        NDList each = new NDList();
        for (int i = 0; i < count; i++) {
          each.add(streams.get(numbers[i]).get(s));
        }
        joined.add(NDArrays.concat(each, BATCH_AXIS));
      }
      try (NDList out = layer.run(in, joined)) {
        take(out.removeFirst(), y);
        for (int i = 0; i < count; i++) {
          streams.get(numbers[i]).close();
          streams.set(numbers[i], new NDList());
        }
        for (NDArray state : out) {
          NDList parts = state.split(count, BATCH_AXIS);
          for (int i = 0; i < count; i++) {
            streams.get(numbers[i]).add(parts.get(i));
          }
        }
      }
    }
  }

  private static void take(NDArray out, float[] y) {
    try (out) {
      float[] values = out.toFloatArray();
      System.arraycopy(values, 0, y, 0, values.length);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
