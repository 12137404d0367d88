/** The systems of the five source notebooks, really run: one file each. */
@NullMarked
package dev.unroll.experiments.notebook;

import org.jspecify.annotations.NullMarked;
