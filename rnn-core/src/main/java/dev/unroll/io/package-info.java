/** Files in the formats that other tools read and write. */
@NullMarked
package dev.unroll.io;

import org.jspecify.annotations.NullMarked;
