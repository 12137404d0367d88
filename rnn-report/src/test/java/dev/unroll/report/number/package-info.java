@NullMarked
package dev.unroll.report.number;

import org.jspecify.annotations.NullMarked;
