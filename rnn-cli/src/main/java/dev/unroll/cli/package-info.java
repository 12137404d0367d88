/** The one command line in front of all programs. */
@NullMarked
package dev.unroll.cli;

import org.jspecify.annotations.NullMarked;
