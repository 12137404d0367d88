/** Recurrent networks to and from ONNX files. */
@NullMarked
package dev.unroll.onnx;

import org.jspecify.annotations.NullMarked;
