/** Other libraries behind one small interface, and the interleaved measurement of them and us. */
@NullMarked
package dev.unroll.bench.peer;

import org.jspecify.annotations.NullMarked;
