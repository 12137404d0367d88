/** The harness around every experiment: configuration, seeds, parallel trials, progress. */
@NullMarked
package dev.unroll.experiments.harness;

import org.jspecify.annotations.NullMarked;
