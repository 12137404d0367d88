/**
 * A recurrent network as a dynamical system: how its states drift apart, and all of them at once.
 */
@NullMarked
package dev.unroll.dynamics;

import org.jspecify.annotations.NullMarked;
