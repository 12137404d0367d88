package dev.unroll.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.unroll.report.run.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The C interface of oneDNN 2.6, as far as a recurrent layer needs it. What it makes lives as long
 * as the arena that it is made in. The numbers are those of {@code dnnl_types.h}.
 *
 * @see <a href="https://uxlfoundation.github.io/oneDNN/v2.6/dev_guide_rnn.html">the RNN primitive
 *     of oneDNN 2.6</a>
 */
final class OneDnn {
  /** The name under which systems have version 2, then those of others, to say what is there. */
  static final List<String> NAMES = List.of("libdnnl.so.2", "libdnnl.so.3", "libdnnl.so");

  static final int BF16 = 2;
  static final int F32 = 3;

  /** {@code dnnl_format_tag_any}: whatever the primitive likes best. */
  static final int ANY = 1;

  /** [steps, batch, channels]. */
  static final int TNC = 4;

  /** [layer, direction, gate, output], and the same numbers of [layer, direction, batch, unit]. */
  static final int LDGO = 5;

  static final int LDNC = LDGO;

  /** [layer, direction, input, gate, output]. */
  static final int LDIGO = 7;

  /** The same dimensions, of which the input runs fastest. */
  static final int LDGOI = 16;

  /** {@code dnnl_memory_desc_t}. */
  private static final MemoryLayout MEMORY_DESCRIPTOR = MemoryLayout.sequenceLayout(87, JAVA_LONG);

  private static final int SUCCESS = 0;
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int USER_SCRATCHPAD = 1;
  private static final int QUERY_ARGUMENT = 255;
  private static final int SOURCE = 1;
  private static final int DESTINATION = 17;
  private static final int SCRATCHPAD = 80;
  private static final int OPENMP = 2;
  private static final int ISA_BF16 = 0xe7;
  private static final long ALIGNMENT = 64;

  private static final List<String> FUNCTIONS =
      List.of(
          "dnnl_engine_create",
          "dnnl_get_effective_cpu_isa",
          "dnnl_lbr_gru_backward_desc_init",
          "dnnl_lbr_gru_forward_desc_init",
          "dnnl_lstm_backward_desc_init",
          "dnnl_lstm_forward_desc_init",
          "dnnl_memory_create",
          "dnnl_memory_desc_get_size",
          "dnnl_memory_desc_init_by_tag",
          "dnnl_memory_destroy",
          "dnnl_primitive_attr_create",
          "dnnl_primitive_attr_set_scratchpad_mode",
          "dnnl_primitive_create",
          "dnnl_primitive_desc_create",
          "dnnl_primitive_desc_destroy",
          "dnnl_primitive_desc_query_md",
          "dnnl_primitive_destroy",
          "dnnl_primitive_execute",
          "dnnl_reorder_primitive_desc_create",
          "dnnl_stream_create",
          "dnnl_vanilla_rnn_backward_desc_init",
          "dnnl_vanilla_rnn_forward_desc_init",
          "omp_set_num_threads");

  private static @Nullable OneDnn opened;

  private final Map<String, MemorySegment> functions = new HashMap<>();
  private final String version;
  private final MemorySegment engine;
  private final MemorySegment stream;
  private final MemorySegment attributes;
  private final MethodHandle execute;

  /**
   * The library of this machine.
   *
   * @throws InputException if there is none, or another than this class can call: a sentence
   */
  static synchronized OneDnn open() {
    if (opened == null) {
      opened = new OneDnn(NAMES, FUNCTIONS);
    }
    return opened;
  }

  /**
   * Opens a library.
   *
   * @param names file names, of which the first that exists is taken
   * @param needed functions that it has to have
   * @throws InputException if it cannot be used
   */
  OneDnn(List<String> names, List<String> needed) {
    String file =
        names.stream()
            .filter(name -> find(name).isPresent())
            .findFirst()
            .orElseThrow(() -> unusable(names.getFirst() + " is not on this system"));
    SymbolLookup library = find(file).orElseThrow();
    version = version(file, library);
    for (String name : needed) {
      // The library's handle finds what it depends on, too: OpenMP.
      functions.put(
          name,
          library
              .find(name)
              .orElseThrow(() -> unusable("version " + version + " has no function " + name)));
    }
    execute =
        handle(
            "dnnl_primitive_execute",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      engine = made(arena, "dnnl_engine_create", CPU, 0L);
      stream = made(arena, "dnnl_stream_create", engine, IN_ORDER);
      attributes = made(arena, "dnnl_primitive_attr_create");
    }
    // The library's own scratchpad would be allocated anew in every call.
    call("dnnl_primitive_attr_set_scratchpad_mode", attributes, USER_SCRATCHPAD);
  }

  @SuppressWarnings("restricted")
  private static Optional<SymbolLookup> find(String name) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException missing) {
      return Optional.empty();
    }
  }

  private static InputException unusable(String why) {
    return new InputException(
        "oneDNN is not compared: %s; install libdnnl2 (Debian 12 has version 2.6) and run this again"
            .formatted(why));
  }

  /** Reads {@code dnnl_version_t}: three numbers, a pointer, then what the threads are made by. */
  @SuppressWarnings("restricted")
  private static String version(String file, SymbolLookup library) {
    MemorySegment function =
        library.find("dnnl_version").orElseThrow(() -> unusable(file + " has no dnnl_version"));
    MemorySegment version =
        ((MemorySegment) invoke(downcall(function, FunctionDescriptor.of(ADDRESS))))
            .reinterpret(32);
    int major = version.get(JAVA_INT, 0);
    int minor = version.get(JAVA_INT, 4);
    String text = "%d.%d.%d".formatted(major, minor, version.get(JAVA_INT, 8));
    if (major != 2 || minor != 6) {
      throw unusable(
          "version %s is installed, but only the C interface of 2.6 is known".formatted(text));
    }
    if (version.get(JAVA_INT, 24) != OPENMP) {
      throw unusable(
          "version %s was not built with OpenMP, by which its threads are set".formatted(text));
    }
    return text;
  }

  String version() {
    return version;
  }

  /** Whether the processor multiplies numbers of 16 bits itself. */
  boolean hasBf16() {
    int isa = (int) invoke(handle("dnnl_get_effective_cpu_isa", FunctionDescriptor.of(JAVA_INT)));
    return (isa & ISA_BF16) == ISA_BF16;
  }

  /** How many threads it uses when called from this thread. */
  void threads(int count) {
    invoke(handle("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT)), count);
  }

  /** How a tensor lies in memory. */
  MemorySegment descriptor(Arena arena, int type, int format, long... dims) {
    MemorySegment descriptor = arena.allocate(MEMORY_DESCRIPTOR);
    call(
        "dnnl_memory_desc_init_by_tag",
        descriptor,
        dims.length,
        arena.allocateFrom(JAVA_LONG, dims),
        type,
        format);
    return descriptor;
  }

  /** A tensor of zeros. */
  Tensor tensor(Arena arena, MemorySegment descriptor) {
    long bytes =
        (long)
            invoke(
                handle("dnnl_memory_desc_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS)),
                descriptor);
    MemorySegment data = arena.allocate(Math.max(bytes, 1), ALIGNMENT);
    MemorySegment memory = made(arena, "dnnl_memory_create", descriptor, engine, data);
    return new Tensor(descriptor, data, owned(arena, memory, "dnnl_memory_destroy"));
  }

  /** A tensor of 32-bit numbers in a plain format. */
  Tensor tensor(Arena arena, int format, float[] values, long... dims) {
    Tensor tensor = tensor(arena, descriptor(arena, F32, format, dims));
    MemorySegment.copy(values, 0, tensor.data, JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  /** Copies one tensor into the type and format of another. */
  Operation reorder(Arena arena, Tensor from, Tensor to) {
    MemorySegment primitive =
        made(
            arena,
            "dnnl_reorder_primitive_desc_create",
            from.descriptor,
            engine,
            to.descriptor,
            engine,
            attributes);
    return operation(
        arena,
        owned(arena, primitive, "dnnl_primitive_desc_destroy"),
        Map.of(SOURCE, from, DESTINATION, to));
  }

  /** The values of a tensor, as 32-bit numbers in a plain format. */
  float[] read(Tensor tensor, int format, long... dims) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor plain = tensor(arena, descriptor(arena, F32, format, dims));
      reorder(arena, tensor, plain).run();
      return plain.data.toArray(JAVA_FLOAT);
    }
  }

  /**
   * What an operation's descriptor means on this machine.
   *
   * @param descriptor such as a {@code dnnl_rnn_desc_t}
   * @param hint the forward operation, for one that goes back; else {@link MemorySegment#NULL}
   */
  MemorySegment primitiveDescriptor(Arena arena, MemorySegment descriptor, MemorySegment hint) {
    return owned(
        arena,
        made(arena, "dnnl_primitive_desc_create", descriptor, attributes, engine, hint),
        "dnnl_primitive_desc_destroy");
  }

  /** How a primitive wants one of its arguments to lie in memory. */
  @SuppressWarnings("restricted")
  MemorySegment wanted(MemorySegment primitiveDescriptor, int argument) {
    MemorySegment descriptor =
        (MemorySegment)
            invoke(
                handle(
                    "dnnl_primitive_desc_query_md",
                    FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT)),
                primitiveDescriptor,
                QUERY_ARGUMENT,
                argument);
    return descriptor.reinterpret(MEMORY_DESCRIPTOR.byteSize());
  }

  /** A primitive with its arguments and, besides, its scratchpad. */
  Operation operation(
      Arena arena, MemorySegment primitiveDescriptor, Map<Integer, Tensor> arguments) {
    Map<Integer, Tensor> all = new HashMap<>(arguments);
    all.put(SCRATCHPAD, tensor(arena, wanted(primitiveDescriptor, SCRATCHPAD)));
    // dnnl_exec_arg_t: an int, four bytes of nothing, a pointer
    MemorySegment list = arena.allocate(16L * all.size(), 8);
    long offset = 0;
    for (Map.Entry<Integer, Tensor> argument : all.entrySet()) {
      list.set(JAVA_INT, offset, argument.getKey());
      list.set(ADDRESS, offset + 8, argument.getValue().memory);
      offset += 16;
    }
    MemorySegment primitive = made(arena, "dnnl_primitive_create", primitiveDescriptor);
    return new Operation(owned(arena, primitive, "dnnl_primitive_destroy"), all.size(), list);
  }

  /** Numbers and how they lie in memory. */
  record Tensor(MemorySegment descriptor, MemorySegment data, MemorySegment memory) {
    void clear() {
      data.fill((byte) 0);
    }
  }

  /** Something to be computed, as often as one likes. */
  final class Operation {
    private final MemorySegment primitive;
    private final int count;
    private final MemorySegment arguments;

    private Operation(MemorySegment primitive, int count, MemorySegment arguments) {
      this.primitive = primitive;
      this.count = count;
      this.arguments = arguments;
    }

    /** Computes it; on a processor the library comes back when it is done. */
    void run() {
      int status;
      try {
        status = (int) execute.invokeExact(primitive, stream, count, arguments);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
      require(status, "dnnl_primitive_execute");
    }
  }

  /** Calls a function whose first argument is where to put the pointer that it makes. */
  private MemorySegment made(Arena arena, String function, Object... arguments) {
    MemorySegment pointer = arena.allocate(ADDRESS);
    List<Object> all = new ArrayList<>(List.of(pointer));
    all.addAll(Arrays.asList(arguments));
    call(function, all.toArray());
    return pointer.get(ADDRESS, 0);
  }

  /** Has the arena destroy something when it is closed. */
  @SuppressWarnings("restricted")
  private MemorySegment owned(Arena arena, MemorySegment pointer, String destroy) {
    return pointer.reinterpret(arena, segment -> call(destroy, segment));
  }

  /**
   * Calls a function that returns a status; what it takes is told by the arguments.
   *
   * @throws IllegalStateException if the status is not success
   */
  void call(String function, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] =
          switch (arguments[i]) {
            case Integer number -> JAVA_INT;
            case Long number -> JAVA_LONG;
            case Float number -> JAVA_FLOAT;
            default -> ADDRESS;
          };
    }
    MethodHandle handle = handle(function, FunctionDescriptor.of(JAVA_INT, layouts));
    require((int) invoke(handle, arguments), function);
  }

  private static void require(int status, String function) {
    if (status != SUCCESS) {
      // dnnl_status_t
      List<String> names =
          List.of("success", "out of memory", "invalid arguments", "unimplemented");
      throw new IllegalStateException(
          "%s of oneDNN failed: %s"
              .formatted(function, status < names.size() ? names.get(status) : "status " + status));
    }
  }

  private MethodHandle handle(String function, FunctionDescriptor descriptor) {
    MemorySegment address = functions.get(function);
    if (address == null) {
      throw new IllegalArgumentException(function + " is not among the functions looked up");
    }
    return downcall(address, descriptor);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle downcall(MemorySegment address, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  private static Object invoke(MethodHandle handle, Object... arguments) {
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
