package dev.unroll.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of the vector width.
 *
 * <p>The system property {@value #PROPERTY} chooses it: 128, 256 or 512 bits, or 0 for plain Java
 * without vectors. Without the property it is the width that the machine prefers. Results are the
 * same to the bit at every width, but for the bits of NaN; only the speed differs, and a width that
 * the processor lacks is slow. Where the module jdk.incubator.vector is not among the virtual
 * machine's, the width is 0, and a warning in the log says so.
 *
 * <p>Only classes that nobody links at width 0 may pass a vector to a method: the verifier loads
 * the classes of both. So the loops in vectors are in nested classes {@code Vectors}.
 *
 * <p>Everything is {@code static final} so that C2 folds it into the kernels: a species held in any
 * other way costs a factor of ten.
 */
public final class Lanes {
  /** The name of the system property that chooses the width. */
  public static final String PROPERTY = "unroll.vector.bits";

  private static final String MODULE = "jdk.incubator.vector";

  private static final boolean PRESENT = ModuleLayer.boot().findModule(MODULE).isPresent();

  /** Vector width in bits: 128, 256 or 512, or 0 for plain Java. */
  public static final int BITS = chosenBits();

  /** Whether the kernels use vectors; false at width 0. */
  public static final boolean VECTOR = BITS != 0;

  /**
   * The species of every vector in the kernels; at width 0 the narrowest one, which none uses, or
   * null without the module.
   */
  public static final VectorSpecies<Float> SPECIES = species();

  /** Ints of the same width. */
  static final VectorSpecies<Integer> INTS = ints();

  /** Floats in a vector of {@link #SPECIES}; 1 at width 0. */
  public static final int LENGTH = VECTOR ? SPECIES.length() : 1;

  private Lanes() {}

  private static int chosenBits() {
    String text = System.getProperty(PROPERTY);
    if (PRESENT) {
      return parseBits(text, Math.max(128, FloatVector.SPECIES_PREFERRED.vectorBitSize()));
    }
    if (parseBits(text, 128) != 0) {
      System.getLogger(Lanes.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "The module {0} is not there, so networks run in plain Java: the same results,"
                  + " several times slower. Start Java with --add-modules {0}, or set {1}=0 if that"
                  + " is meant.",
              MODULE,
              PROPERTY);
    }
    return 0;
  }

  @SuppressWarnings("NullAway") // nothing reads it then
  private static VectorSpecies<Float> species() {
    if (!PRESENT) {
      return null;
    }
    return switch (BITS) {
      case 512 -> FloatVector.SPECIES_512;
      case 256 -> FloatVector.SPECIES_256;
      default -> FloatVector.SPECIES_128;
    };
  }

  @SuppressWarnings("NullAway") // nothing reads it then
  private static VectorSpecies<Integer> ints() {
    return PRESENT ? VectorSpecies.of(int.class, SPECIES.vectorShape()) : null;
  }

  /**
   * Reads a width.
   *
   * @throws IllegalArgumentException if the text is not one of the four widths
   */
  static int parseBits(@Nullable String text, int preferred) {
    if (text == null) {
      return Math.min(512, preferred);
    }
    return switch (text) {
      case "0" -> 0;
      case "128" -> 128;
      case "256" -> 256;
      case "512" -> 512;
      default ->
          throw new IllegalArgumentException(
              "System property %s is \"%s\", but must be 0 (plain Java), 128, 256 or 512; leave it out for the machine's own width"
                  .formatted(PROPERTY, text));
    };
  }
}
