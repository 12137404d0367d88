@NullMarked
package dev.unroll.report.page;

import org.jspecify.annotations.NullMarked;
