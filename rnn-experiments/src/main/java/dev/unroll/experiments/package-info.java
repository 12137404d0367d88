/** What recurrent networks can learn: tasks, experiments, results and their report. */
@NullMarked
package dev.unroll.experiments;

import org.jspecify.annotations.NullMarked;
