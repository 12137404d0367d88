package dev.unroll.bench.gate;

/**
 * Both sides, measured one right after the other.
 *
 * @param candidateFirst which of them went first
 */
record Pair(boolean candidateFirst, Turn base, Turn candidate) {}
