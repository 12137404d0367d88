package dev.unroll.conventions;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.jupiter.api.Order;

/**
 * Tests run in the order of the layers that {@link DirectionTest} lists, then those of other
 * packages: what is broken below fails its own test before those of all that is built on it, so the
 * first failure printed is the one nearest to the cause. Within a package, {@link Order} and names.
 */
public final class ByLayer implements ClassOrderer {
  /** For tests of what the other tests of their package build on. */
  public static final int FIRST = 0;

  /** For tests that draw for long, or train whole networks: after those of all packages. */
  public static final int LAST = Integer.MAX_VALUE;

  private static final List<String> LAYERS = DirectionTest.layers("rnn-core");

  @Override
  public void orderClasses(ClassOrdererContext context) {
    context
        .getClassDescriptors()
        .sort(
            Comparator.<ClassDescriptor>comparingInt(test -> order(test) == LAST ? 1 : 0)
                .thenComparingInt(test -> layer(test.getTestClass()))
                .thenComparingInt(ByLayer::order)
                .thenComparing(test -> test.getTestClass().getName()));
  }

  private static int order(ClassDescriptor test) {
    return test.findAnnotation(Order.class).map(Order::value).orElse(Order.DEFAULT);
  }

  private static int layer(Class<?> test) {
    int layer = LAYERS.indexOf(test.getPackageName().substring("dev.unroll.".length()));
    return layer < 0 ? LAYERS.size() : layer;
  }
}
