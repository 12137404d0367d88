/** Tables, charts and pages: a pure function of the files in a results folder. */
@NullMarked
package dev.unroll.bench.report;

import org.jspecify.annotations.NullMarked;
