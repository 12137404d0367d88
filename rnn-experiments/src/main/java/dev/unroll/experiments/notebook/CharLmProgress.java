package dev.unroll.experiments.notebook;

import dev.unroll.cell.Parameters;
import dev.unroll.experiments.harness.Training;
import dev.unroll.experiments.task.StreamReader;
import dev.unroll.io.Safetensors;
import dev.unroll.io.Tensor;
import dev.unroll.report.run.Json;
import dev.unroll.train.EarlyStopping;
import dev.unroll.train.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a training of {@link CharLmTrial} is, and what it has seen. With the arrays beside it, it
 * is a checkpoint, from which a training goes on with the same bits.
 *
 * @param step steps made
 * @param sum of the training losses since the last evaluation
 * @param counted how many they are
 * @param evalSteps after which steps there were evaluations
 * @param trainingNats mean training loss before each
 * @param validationNats validation loss of each
 * @param norms gradient norms of each, by layer
 */
record CharLmProgress(
    int step,
    double sum,
    int counted,
    List<Integer> evalSteps,
    List<Double> trainingNats,
    List<Double> validationNats,
    Map<String, List<Double>> norms) {
  private static final String PROGRESS = "progress";
  private static final String NORM = "norm";
  private static final String VALUES = "values";
  private static final String BEST = "best";
  private static final String MEMORY = "memory";
  private static final String STATE = "state";

  static CharLmProgress none() {
    return new CharLmProgress(
        0, 0, 0, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new LinkedHashMap<>());
  }

  /** What has to be there to go on from here; complete only with what all processes have. */
  Safetensors checkpoint(
      Parameters parameters,
      EarlyStopping best,
      Optimizer optimizer,
      Training training,
      StreamReader reader) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    float[] values = parameters.values().clone();
    put(tensors, VALUES, List.of(values));
    best.restore();
    put(tensors, BEST, List.of(parameters.values()));
    set(parameters, values);
    put(tensors, MEMORY, optimizer.memory());
    put(tensors, STATE, reader.state());
    return new Safetensors(
        tensors,
        Map.of(
            PROGRESS,
            Json.COMPACT.writeValueAsString(this),
            NORM,
            Double.toString(training.gradientNorm())));
  }

  private static void put(Map<String, Tensor> tensors, String name, List<float[]> arrays) {
    for (int i = 0; i < arrays.size(); i++) {
      tensors.put(name + i, Tensor.of(arrays.get(i), arrays.get(i).length));
    }
  }

  private static List<float[]> arrays(Safetensors file, String name) {
    List<float[]> arrays = new ArrayList<>();
    while (file.tensors().containsKey(name + arrays.size())) {
      arrays.add(file.tensor(name + arrays.size()).floats());
    }
    return arrays;
  }

  private static void set(Parameters parameters, float[] values) {
    System.arraycopy(values, 0, parameters.values(), 0, values.length);
    parameters.changed();
  }

  static CharLmProgress of(Safetensors checkpoint) {
    return Json.COMPACT.readValue(checkpoint.metadata().get(PROGRESS), CharLmProgress.class);
  }

  /** Takes everything that trains to where it was; all of it has to be new. */
  void resume(
      Safetensors checkpoint,
      Parameters parameters,
      EarlyStopping best,
      Optimizer optimizer,
      Training training,
      StreamReader reader) {
    set(parameters, arrays(checkpoint, BEST).getFirst());
    validationNats.forEach(best::update);
    set(parameters, arrays(checkpoint, VALUES).getFirst());
    optimizer.resume(step, arrays(checkpoint, MEMORY));
    training.resume(step, Double.parseDouble(checkpoint.metadata().get(NORM)));
    reader.resume(step, arrays(checkpoint, STATE));
  }
}
