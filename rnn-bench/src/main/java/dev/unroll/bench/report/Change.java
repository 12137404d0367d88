package dev.unroll.bench.report;

/** What the interval of a ratio of two times says. */
enum Change {
  IMPROVED("improved"),
  REGRESSED("REGRESSED"),
  WITHIN_NOISE("within noise"),
  NO_CHANGE("no change");

  private final String words;

  Change(String words) {
    this.words = words;
  }

  /**
   * Reads an interval.
   *
   * @param noise a smaller difference is noise, as a fraction
   */
  static Change of(double low, double high, double noise) {
    if (low <= 1 && high >= 1) {
      return NO_CHANGE;
    }
    if (low > 1) {
      return low > 1 + noise ? REGRESSED : WITHIN_NOISE;
    }
    return high < 1 / (1 + noise) ? IMPROVED : WITHIN_NOISE;
  }

  @Override
  public String toString() {
    return words;
  }
}
