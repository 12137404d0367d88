@NullMarked
package dev.unroll.check;

import org.jspecify.annotations.NullMarked;
