/** A file system in which faults happen where a test wants them. */
@NullMarked
package dev.unroll.fault;

import org.jspecify.annotations.NullMarked;
