/** What the author of a cell calls in a test. */
@NullMarked
package dev.unroll.check;

import org.jspecify.annotations.NullMarked;
