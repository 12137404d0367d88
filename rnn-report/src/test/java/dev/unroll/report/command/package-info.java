@NullMarked
package dev.unroll.report.command;

import org.jspecify.annotations.NullMarked;
