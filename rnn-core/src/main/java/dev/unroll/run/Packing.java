package dev.unroll.run;

import dev.unroll.cell.Parameters;

/** Packs the weights of all layers when they have changed, for one kind of pass. */
final class Packing implements Team.Task {
  /** Fewest parameters whose packing threads share; for fewer the meeting costs more. */
  private static final int SHARED_PARAMETERS = 1 << 18;

  /** What packs one thread's share of a layer: a method of {@link Layer}. */
  interface Packer {
    void pack(Layer layer, float[] values, int worker, int workers);
  }

  private final Layer[] layers;
  private final Parameters parameters;
  private final Packer packer;
  private volatile long version = -1;
  private int workers = 1;

  Packing(Layer[] layers, Parameters parameters, Packer packer) {
    this.layers = layers;
    this.parameters = parameters;
    this.packer = packer;
  }

  /** Packs the weights if they have changed since the last time. */
  void update(Team team) {
    if (version != parameters.version()) {
      pack(team);
    }
  }

  /** Threads that make their steppers at the same time wait for the first. */
  private synchronized void pack(Team team) {
    if (version == parameters.version()) {
      return;
    }
    workers = parameters.values().length < SHARED_PARAMETERS ? 1 : team.threads();
    if (workers == 1) {
      run(0);
    } else {
      team.run(this);
    }
    version = parameters.version();
  }

  @Override
  public void run(int worker) {
    for (Layer layer : layers) {
      packer.pack(layer, parameters.values(), worker, workers);
    }
  }
}
