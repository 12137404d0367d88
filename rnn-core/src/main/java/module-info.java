/**
 * Recurrent networks in plain Java on the Vector API: cells, their unrolling through time, forward
 * and backward, training, dynamics, and safetensors files.
 *
 * <p>The kernels are not exported: what they do is reached through {@link dev.unroll.run.Recurrent}.
 */
module dev.unroll.core {
  requires jdk.incubator.vector;
  requires transitive org.jspecify;
  requires tools.jackson.core;

  exports dev.unroll.cell;
  exports dev.unroll.check;
  exports dev.unroll.dynamics;
  exports dev.unroll.io;
  exports dev.unroll.run;
  exports dev.unroll.train;
}
