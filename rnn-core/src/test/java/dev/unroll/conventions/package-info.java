/** What holds for every file of the project, checked. */
@NullMarked
package dev.unroll.conventions;

import org.jspecify.annotations.NullMarked;
