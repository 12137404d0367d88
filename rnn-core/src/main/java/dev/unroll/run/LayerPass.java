package dev.unroll.run;

import org.jspecify.annotations.Nullable;

/**
 * One layer in one direction over one shape. Every thread of the team calls {@link #forward} and
 * {@link #backward} with its number, or thread 0 alone where they are not {@link #shared}.
 */
sealed interface LayerPass permits UnrollPass, StripPass, DeltaPass {
  /**
   * Whether threads share a forward or backward pass.
   *
   * @param lengths whether sequences have their own lengths
   */
  boolean shared(boolean lengths);

  /**
   * One thread's share of the forward pass.
   *
   * @param worker the thread
   * @param x {@code [T, B, I]}, complete as far as this thread reads it
   * @param y {@code [T, B, D*S]}; this direction's columns are written
   */
  void forward(
      int worker,
      float[] x,
      @Nullable State initial,
      int @Nullable [] lengths,
      float[] y,
      @Nullable State last);

  /**
   * One thread's share of the backward pass.
   *
   * @param worker the thread
   * @param x {@code [T, B, I]}
   * @param gradY {@code [T, B, D*S]}
   * @param gradX {@code [T, B, I]}; overwritten by the first direction, added to by the second;
   *     null when not wanted
   * @param scratch the calling thread's
   */
  void backward(
      int worker,
      float[] x,
      int @Nullable [] lengths,
      float[] gradY,
      @Nullable State gradLast,
      float @Nullable [] gradX,
      @Nullable State gradInitial,
      float[] scratch);

  /** {@return independent pieces of the gradient to the weights} */
  int gradientTasks();

  /**
   * Adds one piece of the gradient to the weights.
   *
   * @param worker the thread
   * @param task 0 .. {@link #gradientTasks()} - 1
   * @param x {@code [T, B, I]}
   * @param values the parameters
   * @param gradient the gradient array of the parameters
   */
  void addGradient(int worker, int task, float[] x, float[] values, float[] gradient);
}
