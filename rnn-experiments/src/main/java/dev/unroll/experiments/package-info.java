/** Experiments on recurrent networks, and the program that runs them. */
@NullMarked
package dev.unroll.experiments;

import org.jspecify.annotations.NullMarked;
