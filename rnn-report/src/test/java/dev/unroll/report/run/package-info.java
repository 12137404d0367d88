@NullMarked
package dev.unroll.report.run;

import org.jspecify.annotations.NullMarked;
