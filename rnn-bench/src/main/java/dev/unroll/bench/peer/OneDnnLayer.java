package dev.unroll.bench.peer;

import static java.lang.foreign.MemorySegment.NULL;

import dev.unroll.bench.layer.Mode;
import dev.unroll.bench.layer.Operands;
import dev.unroll.bench.layer.Shape;
import dev.unroll.bench.layer.Workload;
import dev.unroll.bench.peer.OneDnn.Operation;
import dev.unroll.bench.peer.OneDnn.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One layer of oneDNN with its operands. Its states begin at zero, which is said by leaving them
 * out, but for training: there version 2.6 would take the gradient to weight_hh from the states
 * after each step instead of those before.
 */
final class OneDnnLayer implements Peer.Layer {
  /** {@code dnnl_prop_kind_t}. */
  private static final int TRAINING = 64;

  private static final int INFERENCE = 96;
  private static final int BACKWARD = 128;

  /** The arguments of a primitive. */
  private static final int X = 1;

  /** The state before the first step; the LSTM's cell state has the next number. */
  private static final int H0 = 2;

  private static final int Y = 17;
  private static final int WEIGHT_IH = 33;
  private static final int WEIGHT_HH = 34;
  private static final int BIAS = 41;
  private static final int WORKSPACE = 64;

  /** The gradient to an argument has its number and this. */
  private static final int GRADIENT = 128;

  private static final int RELU = 31;
  private static final int TANH = 47;
  private static final int LEFT_TO_RIGHT = 0;
  private static final int NO_FLAGS = 0;

  /** {@code dnnl_rnn_desc_t} has 15344 bytes. */
  private static final long DESCRIPTOR_BYTES = 16384;

  /** Which of PyTorch's gates oneDNN has at each place: its GRU has z, r, n. */
  private static final int[] GRU_ORDER = {1, 0, 2};

  private final OneDnn library;
  private final Workload workload;
  private final int type;
  private final Arena arena = Arena.ofConfined();

  /** Packs the weights for this layer's operations. */
  private final List<Operation> packing = new ArrayList<>();

  /** The forward pass and, in training, the backward pass. */
  private final List<Operation> passes = new ArrayList<>();

  private final Map<Integer, Tensor> forward = new HashMap<>();
  private final Map<Integer, Tensor> backward = new HashMap<>();

  /**
   * Makes a layer.
   *
   * @param type of x, y and the weights: {@link OneDnn#F32} or {@link OneDnn#BF16}
   */
  OneDnnLayer(OneDnn library, Workload workload, Operands operands, int type) {
    this.library = library;
    this.workload = workload;
    this.type = type;
    try {
      prepare(operands);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private void prepare(Operands o) {
    boolean training = training();
    Tensor x = library.tensor(arena, OneDnn.TNC, o.x(), dims(X));
    Tensor weightIh = library.tensor(arena, OneDnn.LDGOI, gates(o.weightIh()), dims(WEIGHT_IH));
    Tensor weightHh = library.tensor(arena, OneDnn.LDGOI, gates(o.weightHh()), dims(WEIGHT_HH));
    MemorySegment forwardPass = descriptor(training ? TRAINING : INFERENCE, NULL);
    forward.put(X, packed(forwardPass, X, x));
    packing.getFirst().run();
    packing.clear(); // x is rounded once
    forward.put(BIAS, library.tensor(arena, OneDnn.LDGO, bias(o), dims(BIAS)));
    forward.put(Y, library.tensor(arena, library.wanted(forwardPass, Y)));
    backward.putAll(forward);
    forward.put(WEIGHT_IH, packed(forwardPass, WEIGHT_IH, weightIh));
    forward.put(WEIGHT_HH, packed(forwardPass, WEIGHT_HH, weightHh));
    if (training) {
      Tensor workspace = library.tensor(arena, library.wanted(forwardPass, WORKSPACE));
      forward.put(WORKSPACE, workspace);
      backward.put(WORKSPACE, workspace);
      MemorySegment backwardPass = descriptor(BACKWARD, forwardPass);
      backward.put(WEIGHT_IH, packed(backwardPass, WEIGHT_IH, weightIh));
      backward.put(WEIGHT_HH, packed(backwardPass, WEIGHT_HH, weightHh));
      backward.put(GRADIENT + Y, library.tensor(arena, OneDnn.TNC, o.gradY(), dims(Y)));
      for (int state = H0; state < H0 + states(); state++) {
        Tensor zeros = library.tensor(arena, library.wanted(forwardPass, state));
        forward.put(state, zeros);
        backward.put(state, zeros);
        backward.put(
            GRADIENT + state,
            library.tensor(arena, library.wanted(backwardPass, GRADIENT + state)));
      }
      for (int argument : List.of(X, WEIGHT_IH, WEIGHT_HH, BIAS)) {
        int gradient = GRADIENT + argument;
        backward.put(gradient, library.tensor(arena, library.wanted(backwardPass, gradient)));
      }
      passes.add(library.operation(arena, forwardPass, forward));
      passes.add(library.operation(arena, backwardPass, backward));
    } else {
      passes.add(library.operation(arena, forwardPass, forward));
      packing.forEach(Operation::run);
    }
  }

  private boolean training() {
    return workload.mode() == Mode.TRAINING;
  }

  /** A tensor in the form that a pass wants, into which {@link #packing} copies a plain one. */
  private Tensor packed(MemorySegment pass, int argument, Tensor plain) {
    Tensor tensor = library.tensor(arena, library.wanted(pass, argument));
    packing.add(library.reorder(arena, plain, tensor));
    return tensor;
  }

  private long[] dims(int argument) {
    Shape s = workload.shape();
    int gates = workload.gates();
    return switch (argument) {
      case X -> new long[] {s.steps(), s.batch(), s.inputSize()};
      case Y -> new long[] {s.steps(), s.batch(), s.hiddenSize()};
      case WEIGHT_IH -> new long[] {1, 1, s.inputSize(), gates, s.hiddenSize()};
      case WEIGHT_HH -> new long[] {1, 1, s.hiddenSize(), gates, s.hiddenSize()};
      case BIAS -> new long[] {1, 1, isGru() ? gates + 1 : gates, s.hiddenSize()};
      default -> throw new IllegalArgumentException("argument " + argument);
    };
  }

  /** What a pass computes, in the words of the library. */
  private MemorySegment descriptor(int kind, MemorySegment hint) {
    boolean rnn = workload.cell().startsWith("rnn_");
    boolean back = kind == BACKWARD;
    MemorySegment descriptor = arena.allocate(DESCRIPTOR_BYTES, Long.BYTES);
    List<Object> words = new ArrayList<>(List.of(descriptor, kind));
    if (rnn) {
      words.add(workload.cell().equals("rnn_relu") ? RELU : TANH);
    }
    words.add(LEFT_TO_RIGHT);
    words.addAll(tensors(type, kind));
    if (back) {
      words.addAll(tensors(OneDnn.F32, kind));
    }
    words.add(NO_FLAGS);
    if (rnn) {
      words.addAll(List.of(0f, 0f));
    }
    String cell = rnn ? "vanilla_rnn" : isGru() ? "lbr_gru" : "lstm";
    library.call(
        "dnnl_%s_%s_desc_init".formatted(cell, back ? "backward" : "forward"), words.toArray());
    return library.primitiveDescriptor(arena, descriptor, hint);
  }

  /** The descriptors of a pass's tensors or of their gradients; the last states are left out. */
  private List<MemorySegment> tensors(int type, int kind) {
    List<MemorySegment> none = Collections.nCopies(states(), NULL);
    List<MemorySegment> first = new ArrayList<>(none);
    if (kind != INFERENCE) {
      Shape s = workload.shape();
      for (int i = 0; i < states(); i++) {
        int stateType = i == 0 ? type : OneDnn.F32;
        first.set(
            i, library.descriptor(arena, stateType, OneDnn.LDNC, 1, 1, s.batch(), s.hiddenSize()));
      }
    }
    List<MemorySegment> list = new ArrayList<>();
    list.add(library.descriptor(arena, type, OneDnn.TNC, dims(X)));
    list.addAll(first);
    list.add(library.descriptor(arena, type, OneDnn.ANY, dims(WEIGHT_IH)));
    list.add(library.descriptor(arena, type, OneDnn.ANY, dims(WEIGHT_HH)));
    list.add(library.descriptor(arena, OneDnn.F32, OneDnn.LDGO, dims(BIAS)));
    list.add(library.descriptor(arena, type, OneDnn.TNC, dims(Y)));
    list.addAll(none);
    return list;
  }

  /** How many tensors a state has: an LSTM's has two. */
  private int states() {
    return workload.cell().equals("lstm") ? 2 : 1;
  }

  @Override
  public void run() {
    if (training()) {
      packing.forEach(Operation::run);
      for (int argument : List.of(WEIGHT_IH, WEIGHT_HH, BIAS)) {
        tensor(backward, GRADIENT + argument).clear(); // which is added to
      }
    }
    passes.forEach(Operation::run);
  }

  @Override
  public Map<String, float[]> results() {
    Map<String, float[]> results = new LinkedHashMap<>();
    results.put("y", library.read(tensor(forward, Y), OneDnn.TNC, dims(Y)));
    if (training()) {
      results.put("x", gradient(X, OneDnn.TNC));
      results.put("weight_ih", gates(gradient(WEIGHT_IH, OneDnn.LDGOI)));
      results.put("weight_hh", gates(gradient(WEIGHT_HH, OneDnn.LDGOI)));
      float[] bias = gradient(BIAS, OneDnn.LDGO);
      int units = workload.shape().hiddenSize();
      int rows = workload.gates() * units;
      float[] biasIh = new float[rows];
      System.arraycopy(bias, 0, biasIh, 0, rows);
      float[] biasHh = biasIh.clone();
      if (isGru()) {
        System.arraycopy(bias, rows, biasHh, rows - units, units);
      }
      results.put("bias_ih", gates(biasIh));
      results.put("bias_hh", gates(biasHh));
    }
    return results;
  }

  private float[] gradient(int argument, int format) {
    return library.read(tensor(backward, GRADIENT + argument), format, dims(argument));
  }

  private static Tensor tensor(Map<Integer, Tensor> from, int argument) {
    Tensor tensor = from.get(argument);
    if (tensor == null) {
      throw new IllegalArgumentException("argument " + argument);
    }
    return tensor;
  }

  private boolean isGru() {
    return workload.cell().equals("gru");
  }

  /** PyTorch's gates in oneDNN's order, or back: exchanging two is its own inverse. */
  private float[] gates(float[] values) {
    float[] ordered = values.clone();
    if (isGru()) {
      int block = values.length / workload.gates();
      for (int gate = 0; gate < GRU_ORDER.length; gate++) {
        System.arraycopy(values, GRU_ORDER[gate] * block, ordered, gate * block, block);
      }
    }
    return ordered;
  }

  /**
   * One bias: the sum of PyTorch's two. A GRU's candidate needs both, of which that of the state
   * comes last.
   */
  private float[] bias(Operands o) {
    int units = workload.shape().hiddenSize();
    float[] ih = gates(o.biasIh());
    float[] hh = gates(o.biasHh());
    float[] bias = new float[isGru() ? ih.length + units : ih.length];
    int summed = isGru() ? ih.length - units : ih.length;
    for (int i = 0; i < ih.length; i++) {
      bias[i] = i < summed ? ih[i] + hh[i] : ih[i];
    }
    System.arraycopy(hh, summed, bias, ih.length, bias.length - ih.length);
    return bias;
  }

  @Override
  public void close() {
    arena.close();
  }
}
