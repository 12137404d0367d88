/** What the machine can do at most: arithmetic and reading, and where the layers lie below that. */
@NullMarked
package dev.unroll.bench.roofline;

import org.jspecify.annotations.NullMarked;
