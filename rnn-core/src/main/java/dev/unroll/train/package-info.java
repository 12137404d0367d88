/** What turns a recurrent stack into a trained model: encoder, readout, losses and optimizers. */
@NullMarked
package dev.unroll.train;

import org.jspecify.annotations.NullMarked;
