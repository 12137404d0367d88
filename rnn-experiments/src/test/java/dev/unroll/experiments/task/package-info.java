@NullMarked
package dev.unroll.experiments.task;

import org.jspecify.annotations.NullMarked;
