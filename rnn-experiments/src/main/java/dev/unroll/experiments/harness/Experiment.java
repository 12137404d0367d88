package dev.unroll.experiments.harness;

import dev.unroll.experiments.result.Figure;
import dev.unroll.experiments.result.Result;
import dev.unroll.experiments.result.Trial;
import dev.unroll.experiments.result.TrialRecord;
import dev.unroll.report.chart.Chart;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * One question, asked of real networks. An experiment says which trials answer it, runs one, and
 * draws conclusions from what all of them measured; everything else is the harness's.
 *
 * @param <C> its configuration: a record whose every component is a setting
 */
public interface Experiment<C extends Record> {
  /** The name it is run by. */
  String name();

  /** The question in one line. */
  String summary();

  /** Every setting as the full run has it. */
  C defaults();

  /** Every setting as the quick run has it: seconds, not minutes. */
  C quick();

  /** How many seeds the full run takes unless told. */
  default int defaultSeeds() {
    return 5;
  }

  /** Whether trials may run side by side; a trial that measures time may not. */
  default boolean parallel() {
    return true;
  }

  /**
   * What identifies the files that the experiment reads, such as their checksum; empty where it
   * reads none. A run is continued only with the files that it began with.
   */
  default String fingerprint(C config) {
    return "";
  }

  /** Whether the bands hold for these settings; they were measured with the usual ones. */
  default boolean bandsHold(C config) {
    return config.equals(defaults());
  }

  /** The trials for one seed, in the order they are reported. */
  List<Trial> trials(C config, long seed);

  /**
   * Runs one trial. What it returns depends on nothing but its arguments.
   *
   * @throws TrialStopped when the training's loss or gradients are no longer finite
   */
  ObjectNode run(C config, Trial trial, TrialContext context);

  /** Draws conclusions. */
  Conclusion conclude(Outcome<C> outcome);

  /**
   * Everything that was measured.
   *
   * @param config every setting
   * @param seeds the seeds, in order
   * @param records the trials that came to their end, in order
   */
  record Outcome<C extends Record>(C config, List<Long> seeds, List<TrialRecord> records) {
    /** The trials whose {@code name} has this value. */
    public Outcome<C> where(String name, Object value) {
      return new Outcome<>(
          config, seeds, records.stream().filter(record -> record.is(name, value)).toList());
    }

    /** One measured number of every trial, in order. */
    public double[] each(String figure) {
      return records.stream().mapToDouble(record -> record.number(figure)).toArray();
    }

    /** The first trial. */
    public TrialRecord first() {
      return records.getFirst();
    }

    /** Whether no trial came to its end. */
    public boolean isEmpty() {
      return records.isEmpty();
    }
  }

  /**
   * What follows from the trials.
   *
   * @param story the paragraph
   * @param figures every figure
   * @param checks statements put to the test
   * @param tables for the report
   * @param charts for the report
   * @param claims what papers say; where there are any, they are judged instead of bands
   */
  record Conclusion(
      Result.Story story,
      List<Figure> figures,
      List<Result.Check> checks,
      List<Result.Table> tables,
      List<Chart> charts,
      List<Result.Claim> claims) {
    /** A conclusion about no paper. */
    public Conclusion(
        Result.Story story,
        List<Figure> figures,
        List<Result.Check> checks,
        List<Result.Table> tables,
        List<Chart> charts) {
      this(story, figures, checks, tables, charts, List.of());
    }
  }
}
