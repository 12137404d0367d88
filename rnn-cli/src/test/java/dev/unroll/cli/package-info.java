@NullMarked
package dev.unroll.cli;

import org.jspecify.annotations.NullMarked;
