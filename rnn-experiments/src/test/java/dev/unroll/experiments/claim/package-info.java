/** What becomes of claims. */
@NullMarked
package dev.unroll.experiments.claim;

import org.jspecify.annotations.NullMarked;
