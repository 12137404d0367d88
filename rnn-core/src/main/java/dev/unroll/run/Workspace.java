package dev.unroll.run;

import org.jspecify.annotations.Nullable;

/**
 * Every buffer that passes of one network over one shape need, and the team that runs them.
 *
 * <p>Made by {@link Recurrent#workspace}; used by one pass at a time.
 */
public final class Workspace {
  final Recurrent network;
  final int steps;
  final int batch;
  final boolean training;
  final Team team;

  private final LayerPass[] passes;
  private final Dropout dropout;
  private final ForwardPass forward;
  private final @Nullable BackwardPass backward;
  private int @Nullable [] lengths;

  private boolean restricted;

  /** Whether a forward pass has left what a backward pass uses up. */
  private boolean ready;

  Workspace(Recurrent network, int steps, int batch, boolean training, Team team, ScanForm form) {
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "A workspace for "
              + steps
              + " steps and a batch of "
              + batch
              + ": both must be at least 1.");
    }
    if (training) {
      network.requireFloats();
    }
    this.network = network;
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    this.team = team;
    RecurrentConfig config = network.config();
    double outputs = (double) steps * batch * config.outputSize();
    Sizes.checkPossible("y", (long) outputs, "T * B * outputs", "fewer steps or a smaller batch");
    passes = new LayerPass[network.layers.length];
    for (int i = 0; i < passes.length; i++) {
      passes[i] =
          switch (network.layers[i]) {
            case StepLayer layer -> new UnrollPass(layer, steps, batch, training, team);
            case StripLayer layer -> new StripPass(layer, steps, batch, training, team, form);
            case DeltaLayer layer -> new DeltaPass(layer, steps, batch, training, team);
          };
    }
    float[][] layerY = new float[config.numLayers() - 1][(int) outputs];
    int directions = config.numDirections();
    dropout = new Dropout(training ? config.dropout() : 0, steps, batch, config.outputSize());
    forward = new ForwardPass(passes, directions, layerY, dropout);
    backward =
        training
            ? new BackwardPass(
                passes, directions, layerY, dropout, network.parameters(), team.threads())
            : null;
  }

  /** {@return T, the steps this is for} */
  public int steps() {
    return steps;
  }

  /** {@return B, the batch this is for} */
  public int batch() {
    return batch;
  }

  /** {@return whether a backward pass can follow a forward pass} */
  public boolean training() {
    return training;
  }

  /** {@return what decides which outputs between layers are dropped} */
  public Dropout dropout() {
    return dropout;
  }

  /**
   * Lets forward passes do one part of their work only, so that its time can be measured. The part
   * works on what the parts before it have left in the buffers; where they have been left out since
   * the last whole pass, the outputs mean nothing. A backward pass cannot follow.
   *
   * @param part the part; null for whole passes again
   * @throws IllegalArgumentException if the cell is no {@link dev.unroll.cell.StepCell} and the
   *     part another than the input product
   */
  public void restrictTo(@Nullable ForwardPart part) {
    for (LayerPass pass : passes) {
      switch (pass) {
        case UnrollPass unroll -> unroll.restrictTo(part);
        case StripPass strips -> strips.restrictToInputProduct(isInputProduct(part));
        case DeltaPass delta -> delta.restrictToInputProduct(isInputProduct(part));
      }
    }
    restricted = part != null;
  }

  /** Whether it is that part, the only one of these cells, rather than whole passes. */
  private boolean isInputProduct(@Nullable ForwardPart part) {
    if (part != null && part != ForwardPart.INPUT_PRODUCT) {
      throw new IllegalArgumentException(
          "Cell '"
              + network.config().cell().name()
              + "' has no recurrent product, so only its INPUT_PRODUCT can be told apart, not "
              + part
              + ": use rnn_tanh, rnn_relu, lstm or gru.");
    }
    return part != null;
  }

  void forward(
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last) {
    this.lengths = lengths;
    forward.run(team, x, initial, lengths, y, last);
    ready = training && !restricted;
  }

  void backward(
      float[] x,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial) {
    if (backward == null || !ready) {
      throw new IllegalStateException(
          "A backward pass needs a forward pass on the same workspace before it, one made with"
              + " training = true; each forward pass serves one backward pass.");
    }
    ready = false;
    backward.run(team, x, lengths, gradY, gradLast, gradX, gradInitial);
  }
}
