package dev.unroll.train;

import dev.unroll.cell.Parameters;
import dev.unroll.cell.Parameters.Slice;
import java.util.List;
import java.util.function.Predicate;

/** An optimizer whose learning rate follows a schedule. */
final class Scheduled implements Optimizer {
  private final Optimizer optimizer;
  private final Schedule schedule;
  private double rate;
  private long steps;

  Scheduled(Optimizer optimizer, Schedule schedule) {
    this.optimizer = optimizer;
    this.schedule = schedule;
    setLearningRate(optimizer.learningRate());
  }

  @Override
  public void step(Parameters parameters) {
    optimizer.step(parameters);
    steps++;
    setLearningRate(rate);
  }

  @Override
  public double learningRate() {
    return optimizer.learningRate();
  }

  @Override
  public void setLearningRate(double learningRate) {
    optimizer.setLearningRate(learningRate * schedule.factor(steps));
    rate = learningRate;
  }

  @Override
  public List<float[]> memory() {
    return optimizer.memory();
  }

  @Override
  public void resume(long taken, List<float[]> memory) {
    optimizer.resume(taken, memory);
    steps = taken;
    setLearningRate(rate);
  }

  @Override
  public void decayOnly(Predicate<Slice> decays) {
    optimizer.decayOnly(decays);
  }
}
