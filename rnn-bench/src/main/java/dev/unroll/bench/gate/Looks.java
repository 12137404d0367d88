package dev.unroll.bench.gate;

import java.util.Locale;

/** How much a gate measures before it decides, and before it decides against a build. */
enum Looks {
  QUICK(6, 12, 6),
  FULL(14, 26, 12);

  /** Pairs of the first look. */
  final int first;

  /** Pairs of the second look, the first's among them. */
  final int second;

  /** No pair is begun that would end later. */
  final int minutes;

  Looks(int first, int second, int minutes) {
    this.first = first;
    this.second = second;
    this.minutes = minutes;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
