@NullMarked
package dev.unroll.experiments;

import org.jspecify.annotations.NullMarked;
