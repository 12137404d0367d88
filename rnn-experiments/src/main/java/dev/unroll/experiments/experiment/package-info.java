/** One file for each experiment, and the registry that names them. */
@NullMarked
package dev.unroll.experiments.experiment;

import org.jspecify.annotations.NullMarked;
