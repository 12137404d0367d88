package dev.unroll.io;

import dev.unroll.cell.Cell;
import dev.unroll.cell.Cells;
import dev.unroll.cell.DeltaCell;
import dev.unroll.cell.LinearCell;
import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import dev.unroll.run.Recurrent;
import dev.unroll.run.RecurrentConfig;
import dev.unroll.train.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A PyTorch {@code state_dict}: the tensors of a safetensors file as the parameters of networks.
 *
 * <pre>
 * StateDict weights = StateDict.read(Path.of("model.safetensors"));
 * Recurrent lstm = weights.recurrent("encoder.lstm.");
 * float[] y = lstm.forward(x, steps, batch);
 * </pre>
 *
 * <p>The names and shapes of a recurrent network's tensors tell its layers, directions, sizes,
 * biases, projection and number of gates. Four gates are an {@code lstm}, three a {@code gru}, one
 * is an {@code rnn_tanh}, unless the caller says which cell it is, or else the file's metadata do:
 * {@code cell}, a name of {@link Cells}, or {@code rnn} with a {@code nonlinearity}. Without {@code
 * weight_hh} it is a {@link LinearCell}: {@code min_gru} with two gates, {@code min_lstm} with
 * three, where a second layer or a readout tells how many units they have; so with {@code
 * weight_hh} of one dimension, an {@code indrnn}'s or, with three gates, a {@code para_gru}'s.
 * {@code weight_hh} of four dimensions is an {@code slstm}'s, {@code weight_ch} a {@code
 * para_lstm}'s, {@code nu_log} an {@code lru}'s, {@code lambda} an {@code rg_lru}'s; {@code
 * weight_q} is a {@link DeltaCell}'s, {@code gated_delta} or, with two rows of {@code weight_beta}
 * a head, {@code delta_product2}. Of cells with the same tensors the first is taken, so {@code
 * rnn_relu}, {@code min_gru_signed} and {@code gated_delta_signed} have to be said, by the caller
 * or the metadata, or they are read as {@code rnn_tanh}, {@code min_gru} and {@code gated_delta}.
 *
 * <p>A file cannot order memory: a network of which it has less than half the elements is not made.
 */
public final class StateDict {
  private static final String CELL = "cell";

  private final Safetensors file;
  private final String prefix;

  /**
   * The keys by which a file and the parameters differ, as PyTorch's {@code load_state_dict}
   * returns them.
   *
   * @param missingKeys names of parameters that the file has not
   * @param unexpectedKeys names of tensors in the file that are no parameter
   */
  public record IncompatibleKeys(List<String> missingKeys, List<String> unexpectedKeys) {
    /** Takes copies. */
    public IncompatibleKeys {
      missingKeys = List.copyOf(missingKeys);
      unexpectedKeys = List.copyOf(unexpectedKeys);
    }

    /** {@return whether there are none} */
    public boolean isEmpty() {
      return missingKeys.isEmpty() && unexpectedKeys.isEmpty();
    }
  }

  private StateDict(Safetensors file, String prefix) {
    this.file = file;
    this.prefix = prefix;
  }

  /**
   * The tensors of a file.
   *
   * @param file its contents
   */
  public StateDict(Safetensors file) {
    this(file, "");
  }

  /**
   * Reads a file.
   *
   * @param path a safetensors file
   * @return its tensors
   * @throws IOException if it cannot be read or breaks the format; the message says what is wrong
   */
  public static StateDict read(Path path) throws IOException {
    return new StateDict(Safetensors.read(path));
  }

  /** {@return the file's contents} */
  public Safetensors file() {
    return file;
  }

  /**
   * {@return the tensors whose names begin so, as a dictionary with names that lack it}
   *
   * @param start e.g. {@code module.}
   */
  public StateDict under(String start) {
    return new StateDict(file, prefix + start);
  }

  // Making networks.

  /**
   * Makes the recurrent network whose parameters begin with a prefix, and loads them, all of them.
   *
   * @param start what their names begin with, e.g. {@code rnn.}; may be empty
   * @return the network; its parameters have these names
   * @throws IllegalArgumentException if the tensors do not tell one, or one is missing, left over
   *     or of a wrong shape
   */
  public Recurrent recurrent(String start) {
    return recurrent(start, recurrentConfig(start));
  }

  /**
   * As {@link #recurrent(String)}, for a cell that the caller knows.
   *
   * @param start what the names begin with
   * @param cell e.g. {@code Cells.named("rnn_relu")}
   * @return the network
   * @throws IllegalArgumentException also if the tensors have another number of gates
   */
  public Recurrent recurrent(String start, Cell cell) {
    return recurrent(start, recurrentConfig(start, cell));
  }

  private Recurrent recurrent(String start, RecurrentConfig config) {
    Recurrent network = new Recurrent(new Parameters(), start, config);
    load(network.parameters(), start, true);
    return network;
  }

  /**
   * {@return shape and options of the recurrent network whose parameters begin with a prefix}
   *
   * @param start what their names begin with
   * @throws IllegalArgumentException if the tensors do not tell one
   */
  public RecurrentConfig recurrentConfig(String start) {
    return infer(start, null, 0);
  }

  /**
   * As {@link #recurrentConfig(String)}, for a cell that the caller knows.
   *
   * @param start what the names begin with
   * @param cell the cell
   * @return its shape and options
   * @throws IllegalArgumentException also if the tensors have another number of gates
   */
  public RecurrentConfig recurrentConfig(String start, Cell cell) {
    return infer(start, cell, 0);
  }

  /**
   * Makes a model with the parts {@code rnn}, {@code fc} and, where there is one, {@code
   * embedding}, and loads its parameters.
   *
   * @return the model
   * @throws IllegalArgumentException if the tensors do not tell one, or one is missing, left over
   *     or of a wrong shape
   */
  public Model model() {
    return model(Model.Names.DEFAULT);
  }

  /**
   * As {@link #model()}, with other names of its parts.
   *
   * @param names of embedding, recurrent stack and readout
   * @return the model
   * @throws IllegalArgumentException as {@link #model()}
   */
  public Model model(Model.Names names) {
    Model model = new Model(modelConfig(names, null));
    loadInto(model.parameters());
    return model;
  }

  /**
   * {@return what a model consists of whose parts have these names}
   *
   * @param names of embedding, recurrent stack and readout; there is an embedding if its {@code
   *     weight} is there
   * @param cell its cell; null where the tensors or metadata tell it
   * @throws IllegalArgumentException if the tensors do not tell a model
   */
  public Model.Config modelConfig(Model.Names names, @Nullable Cell cell) {
    List<Integer> readout = shape(names.linear() + ".weight", 2);
    RecurrentConfig recurrent = infer(names.recurrent() + ".", cell, readout.get(1));
    Model.Config config = Model.Config.of(recurrent, readout.get(0)).withNames(names);
    if (has(names.embedding() + ".weight")) {
      config = config.withEmbedding(shape(names.embedding() + ".weight", 2).get(0));
    }
    requireElements("", config.parameterCount());
    return config;
  }

  /**
   * The one inference.
   *
   * @param known the cell, or null
   * @param outputs features of y, 0 where nothing tells them
   */
  private RecurrentConfig infer(String start, @Nullable Cell known, int outputs) {
    if (has(start + "weight_q_l0")) {
      return inferDelta(start, known == null ? told() : known);
    }
    int layers = layers(start + "weight_ih_l");
    String ih = start + "weight_ih_l0";
    String hh = start + "weight_hh_l0";
    String hr = start + "weight_hr_l0";
    int rows = shape(ih, 2).get(0);
    boolean bidirectional = has(ih + "_reverse");
    Cell cell = known == null ? told() : known;
    int hidden;
    int rank = has(hh) ? file.tensor(full(hh)).shape().size() : 0;
    boolean hasHeads = rank == 4;
    if (cell == null) {
      cell = ownersOf(start);
    }
    if (hasHeads) {
      List<Integer> shape = shape(hh, 4);
      hidden = Math.multiplyExact(shape.get(0), shape.get(3));
    } else if (has(hr)) {
      hidden = shape(hr, 2).get(1);
    } else if (cell != null && !cell.hasRecurrentProduct()) {
      hidden = rows / cell.gates();
    } else if (has(hh) && (cell != null || rank != 1)) {
      hidden = shape(hh, 2).get(1);
    } else if (cell != null) {
      hidden = rows / cell.gates();
    } else {
      int features = layers > 1 ? shape(start + "weight_ih_l1", 2).get(1) : outputs;
      hidden = features / (bidirectional ? 2 : 1);
    }
    if (hidden < 1) {
      throw new IllegalArgumentException(
          "Tensor '%s' has shape %s, and no other tells the number of units: say which cell it is, e.g. Cells.named(\"%s\")."
              .formatted(full(ih), shape(ih, 2), rank == 1 ? "para_gru" : "min_gru"));
    }
    if (cell == null && hasHeads) {
      cell = Cells.named("slstm");
    } else if (cell == null && rank == 1) {
      cell = Cells.named(rows == hidden ? "indrnn" : "para_gru");
    } else if (cell == null) {
      cell = told(has(hh), has(hh) ? shape(hh, 2).get(0) / hidden : rows / hidden);
    }
    RecurrentConfig config =
        RecurrentConfig.of(cell, shape(ih, 2).get(1), hidden)
            .withNumLayers(layers)
            .withBias(has(start + "bias_ih_l0"))
            .withBidirectional(bidirectional)
            .withHeads(hasHeads ? shape(hh, 4).get(0) : 1)
            .withProjSize(has(hr) ? shape(hh, 2).get(1) : 0);
    requireElements(start, config.parameterCount());
    if (rows != cell.gates() * hidden) {
      throw new IllegalArgumentException(
          "Tensor '%s' has shape %s, but a %s of %d units has %d rows there: it is of another cell, or broken."
              .formatted(full(ih), shape(ih, 2), cell.name(), hidden, cell.gates() * hidden));
    }
    return config;
  }

  private int layers(String weight) {
    int layers = 0;
    while (has(weight + layers)) {
      layers++;
    }
    return layers;
  }

  /**
   * The same of a {@link DeltaCell}.
   *
   * @param known the cell, or null
   */
  private RecurrentConfig inferDelta(String start, @Nullable Cell known) {
    String q = start + "weight_q_l0";
    int heads = shape(start + "a_log_l0", 1).get(0);
    int householder = shape(start + "weight_beta_l0", 2).get(0) / Math.max(1, heads);
    Cell cell =
        known == null ? Cells.named(householder == 2 ? "delta_product2" : "gated_delta") : known;
    if (heads < 1 || !(cell instanceof DeltaCell delta) || delta.householder() != householder) {
      throw new IllegalArgumentException(
          "Tensors '%s' and '%s' are of %d heads with %d Householder steps, which %s has not: say which cell it is, e.g. Cells.named(\"gated_delta\")."
              .formatted(
                  full(start + "a_log_l0"),
                  full(start + "weight_beta_l0"),
                  heads,
                  householder,
                  cell.name()));
    }
    int keys = shape(q, 2).get(0) / heads;
    int values = shape(start + "weight_v_l0", 2).get(0) / heads / householder;
    RecurrentConfig config =
        RecurrentConfig.of(cell, shape(q, 2).get(1), Math.multiplyExact(heads, values))
            .withNumLayers(layers(start + "weight_q_l"))
            .withBidirectional(has(q + "_reverse"))
            .withHeads(heads)
            .withKeySize(keys == values ? 0 : keys);
    requireElements(start, config.parameterCount());
    return config;
  }

  /** The cell that the metadata tell. */
  private @Nullable Cell told() {
    String name = file.metadata().getOrDefault(CELL, "").toLowerCase(Locale.ROOT);
    String nonlinearity = file.metadata().getOrDefault("nonlinearity", "tanh");
    return name.isEmpty()
        ? null
        : Cells.named(name.equals("rnn") ? "rnn_" + nonlinearity.toLowerCase(Locale.ROOT) : name);
  }

  /** The cell that has a parameter which no other has, if it is there. */
  private @Nullable Cell ownersOf(String start) {
    return has(start + "weight_ch_l0")
        ? Cells.named("para_lstm")
        : has(start + "nu_log_l0")
            ? Cells.named("lru")
            : has(start + "lambda_l0") ? Cells.named("rg_lru") : null;
  }

  /** The cell that the gates tell. */
  private Cell told(boolean seesState, int gates) {
    if (!seesState) {
      return Cells.named(gates == 3 ? "min_lstm" : "min_gru");
    }
    String nonlinearity = file.metadata().getOrDefault("nonlinearity", "tanh");
    return Cells.named(
        gates == 4 ? "lstm" : gates == 3 ? "gru" : "rnn_" + nonlinearity.toLowerCase(Locale.ROOT));
  }

  private void requireElements(String start, long parameters) {
    long elements =
        file.tensors().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(full(start)))
            .mapToLong(entry -> entry.getValue().size())
            .sum();
    if (parameters > 2 * elements) {
      throw new IllegalArgumentException(
          "Its shapes and metadata tell of a model of "
              + parameters
              + " parameters, but its tensors have only "
              + elements
              + " elements: a tensor is missing or has a wrong shape.");
    }
  }

  private boolean has(String name) {
    return file.tensors().containsKey(full(name));
  }

  private List<Integer> shape(String name, int rank) {
    return file.shape(full(name), rank);
  }

  private String full(String name) {
    return prefix + name;
  }

  // Loading.

  /**
   * Copies the tensors into the parameters of the same names, all of them or, on an error, none.
   *
   * @param parameters what to fill
   * @throws IllegalArgumentException if a name is missing or left over, a shape differs or a tensor
   *     holds integers
   */
  public void loadInto(Parameters parameters) {
    loadInto(parameters, true);
  }

  /**
   * Copies the tensors into the parameters of the same names. Parameters that are missing keep
   * their values.
   *
   * @param parameters what to fill
   * @param strict whether a name that is missing or left over is an error; nothing is copied then
   * @return the names that are missing or left over
   * @throws IllegalArgumentException if a shape differs or a tensor holds integers, or if strict
   */
  public IncompatibleKeys loadInto(Parameters parameters, boolean strict) {
    return load(parameters, "", strict);
  }

  /**
   * @param start what names begin with that must not be left over
   */
  private IncompatibleKeys load(Parameters parameters, String start, boolean strict) {
    List<String> missing = new ArrayList<>();
    TreeSet<String> unexpected = new TreeSet<>(file.tensors().keySet());
    unexpected.removeIf(name -> !name.startsWith(full(start)));
    for (Slice slice : parameters.slices()) {
      String name = full(slice.name());
      unexpected.remove(name);
      Tensor tensor = file.tensors().get(name);
      if (tensor == null) {
        missing.add(name);
      } else if (!tensor.shape().equals(slice.shape())) {
        throw new IllegalArgumentException(
            "Tensor '%s' has shape %s, but the model needs %s."
                .formatted(name, tensor.shape(), slice.shape()));
      } else if (!tensor.type().isFloatingPoint()) {
        throw new IllegalArgumentException(
            "Tensor '%s' is %s, but the model needs floats.".formatted(name, tensor.type()));
      }
    }
    IncompatibleKeys keys = new IncompatibleKeys(missing, List.copyOf(unexpected));
    if (strict && !keys.isEmpty()) {
      throw new IllegalArgumentException(
          "The tensors do not match the model: missing %s, unexpected %s."
              .formatted(Safetensors.names(missing), Safetensors.names(unexpected)));
    }
    for (Slice slice : parameters.slices()) {
      Tensor tensor = file.tensors().get(full(slice.name()));
      if (tensor != null) {
        System.arraycopy(tensor.floats(), 0, parameters.values(), slice.offset(), slice.size());
      }
    }
    parameters.changed();
    return keys;
  }

  // Saving.

  /**
   * {@return every parameter as an F32 tensor under its own name}
   *
   * @param parameters what to save, copied
   */
  public static StateDict of(Parameters parameters) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Slice slice : parameters.slices()) {
      int[] shape = slice.shape().stream().mapToInt(Integer::intValue).toArray();
      int end = slice.offset() + slice.size();
      tensors.put(
          slice.name(),
          Tensor.of(Arrays.copyOfRange(parameters.values(), slice.offset(), end), shape));
    }
    return new StateDict(new Safetensors(tensors, Map.of()));
  }

  /**
   * {@return the parameters of a network, with its cell in the metadata}
   *
   * @param network what to save, copied
   */
  public static StateDict of(Recurrent network) {
    return of(network.parameters()).with(CELL, network.config().cell().name());
  }

  /**
   * {@return the parameters of a model, with its cell in the metadata}
   *
   * @param model what to save, copied
   */
  public static StateDict of(Model model) {
    return of(model.parameters()).with(CELL, model.config().recurrent().cell().name());
  }

  /**
   * {@return this with one more entry in the metadata}
   *
   * @param key its name
   * @param value free text
   */
  public StateDict with(String key, String value) {
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    metadata.put(key, value);
    return new StateDict(new Safetensors(file.tensors(), metadata), prefix);
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param path where to; an existing file is replaced
   * @throws IOException if it cannot be written; nothing is left behind then
   */
  public void write(Path path) throws IOException {
    file.write(path);
  }
}
