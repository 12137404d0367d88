/** The problems: text, batches and scores; they know nothing of cells. */
@NullMarked
package dev.unroll.experiments.task;

import org.jspecify.annotations.NullMarked;
