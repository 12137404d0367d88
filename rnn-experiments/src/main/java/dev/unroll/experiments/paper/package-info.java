/** What papers say about recurrent networks, put to the test: one file each. */
@NullMarked
package dev.unroll.experiments.paper;

import org.jspecify.annotations.NullMarked;
