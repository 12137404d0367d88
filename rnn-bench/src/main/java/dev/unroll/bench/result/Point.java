package dev.unroll.bench.result;

import dev.unroll.report.run.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One benchmark at one setting, read from JMH's JSON.
 *
 * @param benchmark the class's simple name
 * @param params JMH's parameters
 * @param score the median of the iterations: one disturbed iteration does not move it, as it does
 *     JMH's mean
 * @param low lower end of the median's interval: 95 % or more from six iterations on
 * @param high upper end
 * @param unit of the three
 * @param counters what a call counted besides, the median of each
 */
public record Point(
    String benchmark,
    Map<String, String> params,
    double score,
    double low,
    double high,
    String unit,
    Map<String, Double> counters) {

  /**
   * Reads all results of a file.
   *
   * @throws InputException if one has no name or no values
   */
  public static List<Point> read(JsonNode results) {
    List<Point> points = new ArrayList<>();
    for (JsonNode result : results) {
      String[] name = result.path("benchmark").asString().split("\\.", -1);
      JsonNode metric = result.path("primaryMetric");
      List<Double> iterations = new ArrayList<>();
      metric
          .path("rawData")
          .forEach(fork -> fork.forEach(value -> iterations.add(value.asDouble())));
      double[] sorted = iterations.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      if (name.length < 2 || sorted.length == 0) {
        throw new InputException(
            "JMH's results have one without a name or without values (%s): restore %s, or make the run again."
                .formatted(result.path("benchmark"), Runs.JMH));
      }
      int outside = outside(sorted.length);
      Map<String, String> params = new TreeMap<>();
      result
          .path("params")
          .properties()
          .forEach(p -> params.put(p.getKey(), p.getValue().asString()));
      points.add(
          new Point(
              name[name.length - 2],
              params,
              new Median().evaluate(sorted),
              sorted[outside],
              sorted[sorted.length - 1 - outside],
              metric.path("scoreUnit").asString(),
              counters(result.path("secondaryMetrics"))));
    }
    return points;
  }

  private static Map<String, Double> counters(JsonNode metrics) {
    Map<String, Double> counters = new TreeMap<>();
    metrics
        .properties()
        .forEach(
            metric -> {
              double[] values =
                  metric
                      .getValue()
                      .path("rawData")
                      .path(0)
                      .valueStream()
                      .mapToDouble(JsonNode::asDouble)
                      .toArray();
              if (values.length > 0) {
                counters.put(metric.getKey(), new Median().evaluate(values));
              }
            });
    return counters;
  }

  /**
   * How many of n sorted values lie on each side of the interval of their median, whatever their
   * distribution: the most that leave 95 %.
   */
  static int outside(int n) {
    BinomialDistribution below = new BinomialDistribution(null, n, 0.5);
    int outside = 0;
    while (2 * below.cumulativeProbability(outside + 1) <= 0.05) {
      outside++;
    }
    return outside;
  }

  /** A parameter's number. */
  public int param(String name) {
    @Nullable String value = params.get(name);
    if (value == null) {
      throw new IllegalArgumentException("benchmark " + benchmark + " has no parameter " + name);
    }
    return Integer.parseInt(value);
  }

  /** A parameter's text, or nothing. */
  public String text(String name) {
    return params.getOrDefault(name, "");
  }

  /** Half the interval. */
  public double error() {
    return (high - low) / 2;
  }
}
