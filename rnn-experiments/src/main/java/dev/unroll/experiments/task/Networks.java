package dev.unroll.experiments.task;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.Initializer;
import dev.unroll.cell.Parameters;
import java.util.List;
import java.util.random.RandomGenerator;

/** Cells by name, and the initializations of W_hh that experiments choose between. */
public final class Networks {
  /** PyTorch's own, then what W_hh alone is given instead. */
  public static final List<String> INITS = List.of("default", "orthogonal", "identity");

  private Networks() {}

  /**
   * Checks names of cells.
   *
   * @throws IllegalArgumentException naming the first unknown one and the known ones
   */
  public static void requireCells(List<String> names) {
    List<String> known = Cells.all().stream().map(Cell::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "cells knows no '" + name + "'; there are " + String.join(", ", known) + ".");
      }
    }
  }

  /**
   * Checks names of initializations.
   *
   * @throws IllegalArgumentException naming the first unknown one and the known ones
   */
  public static void requireInits(List<String> names) {
    for (String name : names) {
      if (!INITS.contains(name)) {
        throw new IllegalArgumentException(
            "inits knows no '" + name + "'; there are " + String.join(", ", INITS) + ".");
      }
    }
  }

  /** Gives every recurrent weight the initialization {@code init}; the rest stays as it is. */
  public static void initialize(
      Parameters parameters, String init, int gates, RandomGenerator random) {
    if (init.equals("default")) {
      return;
    }
    for (Parameters.Slice slice : parameters.slices()) {
      if (slice.name().contains("weight_hh")) {
        if (init.equals("orthogonal")) {
          Initializer.orthogonal(parameters.values(), slice, random, gates, 1);
        } else {
          Initializer.identity(parameters.values(), slice, gates, 1);
        }
      }
    }
    parameters.changed();
  }

  /** A cell's name as charts and tables show it. */
  public static String label(String cell) {
    return switch (cell) {
      case "rnn_tanh" -> "tanh RNN";
      case "rnn_relu" -> "ReLU RNN";
      case "lstm" -> "LSTM";
      case "gru" -> "GRU";
      case "min_gru" -> "minGRU";
      case "min_gru_signed" -> "signed minGRU";
      case "min_lstm" -> "minLSTM";
      default -> cell;
    };
  }
}
