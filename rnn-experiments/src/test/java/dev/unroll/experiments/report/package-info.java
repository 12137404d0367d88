@NullMarked
package dev.unroll.experiments.report;

import org.jspecify.annotations.NullMarked;
