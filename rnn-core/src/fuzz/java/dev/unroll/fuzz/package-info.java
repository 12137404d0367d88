/** Seeded damage to files and words, and trials that look at what readers make of it. */
@NullMarked
package dev.unroll.fuzz;

import org.jspecify.annotations.NullMarked;
