@NullMarked
package dev.unroll.dynamics;

import org.jspecify.annotations.NullMarked;
