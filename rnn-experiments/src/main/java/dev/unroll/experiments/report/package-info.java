/** Charts, and the pages made from the files in results/. */
@NullMarked
package dev.unroll.experiments.report;

import org.jspecify.annotations.NullMarked;
