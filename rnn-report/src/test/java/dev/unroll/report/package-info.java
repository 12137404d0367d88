@NullMarked
package dev.unroll.report;

import org.jspecify.annotations.NullMarked;
