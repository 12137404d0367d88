/** What the command lines of all programs have in common. */
@NullMarked
package dev.unroll.report.command;

import org.jspecify.annotations.NullMarked;
