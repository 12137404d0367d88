@NullMarked
package dev.unroll.experiments.result;

import org.jspecify.annotations.NullMarked;
