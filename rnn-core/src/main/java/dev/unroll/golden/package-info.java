/** Holds the library against results that another one recorded. */
@NullMarked
package dev.unroll.golden;

import org.jspecify.annotations.NullMarked;
