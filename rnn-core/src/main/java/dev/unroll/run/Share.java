package dev.unroll.run;

import dev.unroll.kernel.Panels;

/**
 * The units that one thread takes of every step, and what they are of each operand. Shares begin
 * and end at whole groups of 64 units, which are the columns of a group in the product back to h.
 *
 * @param fromUnit first column of h
 * @param toUnit one past the last
 * @param fromStrip first strip
 * @param toStrip one past the last
 * @param fromGroup first group of the gate storage that holds units
 * @param toGroup one past the last
 */
record Share(int fromUnit, int toUnit, int fromStrip, int toStrip, int fromGroup, int toGroup) {
  /** {@return all units of a layer} */
  static Share all(StepLayer layer) {
    return new Share(0, layer.stateSize, 0, layer.layout.strips, 0, layer.layout.usedGroups);
  }

  /** {@return one thread's share of a layer that some threads divide; it may be empty} */
  static Share of(StepLayer layer, int worker, int workers) {
    int pieces = pieces(layer);
    int from = pieces * worker / workers * Panels.WIDTH;
    int to = pieces * (worker + 1) / workers * Panels.WIDTH;
    GateLayout layout = layer.layout;
    int fromStrip = Math.min(layout.strips, from / layout.unitsPerStrip);
    int toStrip = Math.min(layout.strips, to / layout.unitsPerStrip);
    return new Share(
        Math.min(layer.stateSize, from),
        Math.min(layer.stateSize, to),
        fromStrip,
        toStrip,
        Math.min(layout.usedGroups, fromStrip * layout.groupsPerStrip),
        Math.min(layout.usedGroups, toStrip * layout.groupsPerStrip));
  }

  /** {@return how many shares a layer can be divided into} */
  static int pieces(StepLayer layer) {
    return Math.ceilDiv(layer.hiddenSize, Panels.WIDTH);
  }
}
