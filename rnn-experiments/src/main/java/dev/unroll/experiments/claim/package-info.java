/** What papers and this project claim, as data written before the trials that judge it. */
@NullMarked
package dev.unroll.experiments.claim;

import org.jspecify.annotations.NullMarked;
