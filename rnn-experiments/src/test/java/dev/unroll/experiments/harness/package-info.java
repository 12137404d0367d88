@NullMarked
package dev.unroll.experiments.harness;

import org.jspecify.annotations.NullMarked;
