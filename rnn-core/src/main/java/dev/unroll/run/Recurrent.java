package dev.unroll.run;

import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.StatePart;
import dev.unroll.cell.StepCell;
import dev.unroll.cell.StripCell;
import dev.unroll.cell.UnitCell;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent network: stacked layers in one or both directions, as PyTorch's {@code nn.RNN},
 * {@code nn.LSTM} and {@code nn.GRU}.
 *
 * <p>All arrays are flat and time-major: x {@code [T, B, I]}, y {@code [T, B, D*S]} (T steps, B
 * batch, I {@code inputSize}, D directions, S {@code stateSize}). Parameters have PyTorch's names
 * and shapes: {@code weight_ih_l0 [G*H, I]}, {@code weight_hh_l0 [G*H, S]}, {@code bias_ih_l0},
 * {@code bias_hh_l0 [G*H]}, {@code weight_hr_l0 [S, H]}; then {@code _reverse}, then the next
 * layer. A cell without a recurrent product has neither {@code weight_hh} nor {@code bias_hh}; the
 * own parameters of a {@link UnitCell} or {@link StripCell} come after the others of their layer.
 *
 * <p>Outputs and gradients are the same to the bit for any number of threads and any vector width,
 * but for the bits of NaN: where one result is NaN, so is the other. All but the gradients of
 * parameters are also the same for a sequence alone or in any batch; those are sums over the batch,
 * and adding the gradients of its halves rounds in another way. Passes allocate nothing. A network
 * may have several workspaces, but only one thread may use it at a time; a {@link Stepper} says
 * what holds for streams.
 */
public final class Recurrent {
  final Layer[] layers;
  private final RecurrentConfig config;
  private final Parameters parameters;
  private final String prefix;
  private final WeightFormat weights;

  /** The network whose weights are rounded; this one where none are. */
  private final Recurrent floats;

  /** What a forward pass multiplies by. */
  private final Packing packing;

  /** What a backward pass multiplies by besides. */
  private final Packing backwardPacking;

  /**
   * Adds the network's parameters, as zeros.
   *
   * @param parameters what they are added to
   * @param prefix what each name begins with, e.g. {@code "rnn."}; may be empty
   * @param config shape and options
   * @throws IllegalArgumentException if it has more parameters than one Java array holds, or
   *     dropout and a single layer
   */
  public Recurrent(Parameters parameters, String prefix, RecurrentConfig config) {
    this(parameters, prefix, config, WeightFormat.F32, null);
  }

  private Recurrent(
      Parameters parameters,
      String prefix,
      RecurrentConfig config,
      WeightFormat weights,
      @Nullable Recurrent floats) {
    if (config.dropout() > 0 && config.numLayers() == 1) {
      throw new IllegalArgumentException(
          "dropout is "
              + config.dropout()
              + ", but it acts between layers and num_layers is 1: use at least 2 layers, or"
              + " dropout 0.");
    }
    Sizes.checkPossible(
        "The network's parameters",
        config.parameterCount(),
        "weights + biases",
        "a smaller hidden_size or fewer layers");
    this.config = config;
    this.parameters = parameters;
    this.prefix = prefix;
    this.weights = weights;
    this.floats = floats == null ? this : floats;
    int directions = config.numDirections();
    layers = new Layer[config.numLayers() * directions];
    for (int i = 0; i < layers.length; i++) {
      var place =
          new Layer.Place(parameters, prefix, config, weights, i / directions, i % directions == 1);
      layers[i] =
          switch (config.cell()) {
            case StepCell cell -> new StepLayer(cell, place);
            case UnitCell cell -> new StepLayer(new UnitStep(cell), place);
            case StripCell cell -> new StripLayer(cell, place);
            case DeltaCell cell -> new DeltaLayer(cell, place);
          };
    }
    packing = new Packing(layers, parameters, Layer::pack);
    backwardPacking = new Packing(layers, parameters, Layer::packBackward);
  }

  /**
   * A network with parameters of its own, whose names have no prefix, as zeros.
   *
   * @param config shape and options
   * @throws IllegalArgumentException if it has more parameters than one Java array holds, or
   *     dropout and a single layer
   */
  public Recurrent(RecurrentConfig config) {
    this(new Parameters(), "", config);
  }

  /**
   * Makes a network for inference whose products read this one's weights in another format. Both
   * have the same parameters: the other one rounds them when it is first used, and again after
   * {@link Parameters#changed()}.
   *
   * <p>Fewer bytes are quicker where a product waits for its weights, as with one sequence. What
   * this class says of bits holds in each format.
   *
   * @param format of its weights
   * @return the network; its workspaces are made with training = false
   */
  public Recurrent withWeights(WeightFormat format) {
    return format == WeightFormat.F32
        ? floats
        : new Recurrent(parameters, prefix, config, format, floats);
  }

  /** {@return the format in which products read the weights} */
  public WeightFormat weights() {
    return weights;
  }

  /** {@return what the names of the parameters begin with} */
  public String prefix() {
    return prefix;
  }

  /** {@return shape and options} */
  public RecurrentConfig config() {
    return config;
  }

  /** {@return where the weights and their gradients are} */
  public Parameters parameters() {
    return parameters;
  }

  /**
   * Allocates the buffers for passes of one shape on the calling thread alone.
   *
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @param training whether backward passes will follow; without, gates are not kept
   * @return the workspace, for one pass at a time
   * @throws IllegalArgumentException if a size is not positive or too large for Java arrays
   */
  public Workspace workspace(int steps, int batch, boolean training) {
    return workspace(steps, batch, training, Team.single());
  }

  /**
   * Allocates the buffers for passes of one shape.
   *
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @param training whether backward passes will follow; without, gates are not kept
   * @param team the threads that run the passes
   * @return the workspace, for one pass at a time
   * @throws IllegalArgumentException if a size is not positive or too large for Java arrays
   */
  public Workspace workspace(int steps, int batch, boolean training, Team team) {
    return workspace(steps, batch, training, team, ScanForm.BLOCKED);
  }

  /**
   * As {@link #workspace(int, int, boolean, Team)}, with a choice of how the recurrence of a {@link
   * LinearCell} is solved. The form makes no difference to a {@link StepCell}.
   *
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @param training whether backward passes will follow
   * @param team the threads that run the passes
   * @param form in blocks of steps, or step after step
   * @return the workspace, for one pass at a time
   * @throws IllegalArgumentException if a size is not positive or too large for Java arrays
   */
  public Workspace workspace(int steps, int batch, boolean training, Team team, ScanForm form) {
    return new Workspace(this, steps, batch, training, team, form);
  }

  /**
   * Makes a stream, whose steps a {@link #stepper} takes.
   *
   * @param batch B, the sequences that go on together; 1 for most uses
   * @return the stream, at a state of zeros
   * @throws IllegalArgumentException if the batch is not positive or too large for Java arrays, or
   *     if the network is bidirectional
   */
  public Stream stream(int batch) {
    return new Stream(config, batch);
  }

  /**
   * Makes the buffers in which one thread takes steps of streams.
   *
   * @param largest the most sequences that a step takes
   * @return the stepper, for any streams of this network
   * @throws IllegalArgumentException if the number is not positive or too large for Java arrays, or
   *     if the network is bidirectional
   */
  public Stepper stepper(int largest) {
    return new Stepper(this, largest);
  }

  /**
   * Runs the network over a batch of sequences, for a quick look: each call makes its workspace and
   * its outputs. Where passes follow each other, {@link #forward(Workspace, float[], float[])}
   * allocates nothing.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, at least 1
   * @param batch B, at least 1
   * @return y {@code [T, B, D*S]}, from states of zeros
   * @throws IllegalArgumentException if a size is not positive or too large, or x too short
   */
  public float[] forward(float[] x, int steps, int batch) {
    Workspace ws = workspace(steps, batch, false);
    float[] y = new float[steps * batch * config.outputSize()];
    forward(ws, x, y);
    return y;
  }

  /**
   * Runs the network over a batch of sequences that all have T steps, from states of zeros.
   *
   * @param ws a workspace of this network
   * @param x {@code [T, B, I]}
   * @param y {@code [T, B, D*S]}, written
   * @throws IllegalArgumentException if an array is too short
   */
  public void forward(Workspace ws, float[] x, float[] y) {
    forward(ws, x, null, null, y, null);
  }

  /**
   * Runs the network over a batch of sequences.
   *
   * @param ws a workspace of this network
   * @param x {@code [T, B, I]}
   * @param initial the state before the first step; null for zeros
   * @param lengths steps of each sequence, 1 to T: later steps give zero output and leave the state
   *     as it is; null when all have T
   * @param y {@code [T, B, D*S]}, written
   * @param last the state after the last step, written; null when not wanted
   * @throws IllegalArgumentException if an array is too short or a length out of range
   */
  public void forward(
      Workspace ws,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    checkSequences(ws, x, y, "y");
    checkState("initial", initial, ws.batch);
    checkState("last", last, ws.batch);
    if (lengths != null) {
      Sizes.check("lengths", lengths.length, ws.batch, "B");
      for (int b = 0; b < ws.batch; b++) {
        if (lengths[b] < 1 || lengths[b] > ws.steps) {
          throw new IllegalArgumentException(
              "lengths[" + b + "] is " + lengths[b] + ", but must be 1 to T = " + ws.steps + ".");
        }
      }
    }
    pack(ws.team);
    ws.forward(x, initial, lengths, y, last);
  }

  /**
   * Backpropagates through the last forward pass of a training workspace.
   *
   * <p>Gradients to the parameters are added to {@code parameters().gradients()}.
   *
   * @param ws the workspace
   * @param x what forward was given
   * @param gradY {@code [T, B, D*S]}; steps past a sequence's length are not read
   * @param gradLast gradient to the state after the last step; null for zeros
   * @param gradX {@code [T, B, I]}, written; null when not wanted
   * @param gradInitial gradient to the state before the first step, written; null when not wanted
   * @throws IllegalArgumentException if an array is too short
   * @throws IllegalStateException if no forward pass of a training workspace came before
   */
  public void backward(
      Workspace ws,
      float[] x,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial) {
    checkSequences(ws, x, gradY, "gradY");
    checkState("gradLast", gradLast, ws.batch);
    checkState("gradInitial", gradInitial, ws.batch);
    if (gradX != null) {
      Sizes.check(
          "gradX", gradX.length, (long) ws.steps * ws.batch * config.inputSize(), "T * B * I");
    }
    backwardPacking.update(ws.team);
    ws.backward(x, gradY, gradLast, gradX, gradInitial);
  }

  /** Packs the weights of the forward pass if they have changed. */
  void pack(Team team) {
    packing.update(team);
  }

  /** Refuses rounded weights, which nobody trains. */
  void requireFloats() {
    if (weights != WeightFormat.F32) {
      throw new IllegalArgumentException(
          "Weights of "
              + weights.label()
              + " are for inference: for training and for Jacobians take the network itself, whose"
              + " weights are f32, or make the workspace with training = false.");
    }
  }

  private void checkSequences(Workspace ws, float[] x, float[] y, String name) {
    if (ws.network != this) {
      throw new IllegalArgumentException(
          "The workspace belongs to another network: make one with this network's workspace().");
    }
    long rows = (long) ws.steps * ws.batch;
    Sizes.check("x", x.length, rows * config.inputSize(), "T * B * I");
    Sizes.check(name, y.length, rows * layers[0].outputSize, "T * B * outputSize");
  }

  /** Checks that a state has the parts and the sizes of this network. */
  void checkState(String name, @Nullable State state, int batch) {
    if (state == null) {
      return;
    }
    List<StatePart> states = config.cell().states();
    if (state.states().size() != states.size()) {
      throw new IllegalArgumentException(
          name + " is the state of another cell: make it with State.zeros(config, batch).");
    }
    long rows = (long) layers.length * batch;
    for (int i = 0; i < states.size(); i++) {
      long needed = rows * layers[0].widths[i];
      if (state.part(i).length < needed) {
        Sizes.check(
            name + "." + states.get(i).name(),
            state.part(i).length,
            needed,
            "layers * D * B * width");
      }
    }
  }
}
