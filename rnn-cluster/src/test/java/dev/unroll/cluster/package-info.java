@NullMarked
package dev.unroll.cluster;

import org.jspecify.annotations.NullMarked;
