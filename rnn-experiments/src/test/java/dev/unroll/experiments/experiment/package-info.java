@NullMarked
package dev.unroll.experiments.experiment;

import org.jspecify.annotations.NullMarked;
