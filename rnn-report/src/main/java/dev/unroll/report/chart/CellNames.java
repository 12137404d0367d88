package dev.unroll.report.chart;

/** Cells' names as charts and tables show them. */
public final class CellNames {
  private CellNames() {}

  /** The name that people know a cell by; any other text as it is. */
  public static String label(String cell) {
    return switch (cell) {
      case "rnn_tanh" -> "tanh RNN";
      case "rnn_relu" -> "ReLU RNN";
      case "lstm" -> "LSTM";
      case "gru" -> "GRU";
      case "min_gru" -> "minGRU";
      case "min_gru_signed" -> "signed minGRU";
      case "min_lstm" -> "minLSTM";
      case "indrnn" -> "IndRNN";
      case "para_gru" -> "ParaGRU";
      case "para_lstm" -> "ParaLSTM";
      case "rg_lru" -> "RG-LRU";
      case "lru" -> "LRU";
      case "slstm" -> "sLSTM";
      case "gated_delta" -> "Gated DeltaNet";
      case "gated_delta_signed" -> "signed Gated DeltaNet";
      case "delta_product2" -> "DeltaProduct, 2 steps";
      default -> cell;
    };
  }
}
