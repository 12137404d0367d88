/**
 * What a run leaves behind: trials, figures with intervals, provenance, and the store that keeps
 * them.
 */
@NullMarked
package dev.unroll.experiments.result;

import org.jspecify.annotations.NullMarked;
