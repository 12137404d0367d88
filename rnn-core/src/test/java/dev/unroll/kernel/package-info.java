@NullMarked
package dev.unroll.kernel;

import org.jspecify.annotations.NullMarked;
