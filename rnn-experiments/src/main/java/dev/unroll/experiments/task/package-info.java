/** The problems: texts, batches, scores, and the models that experiments share. */
@NullMarked
package dev.unroll.experiments.task;

import org.jspecify.annotations.NullMarked;
