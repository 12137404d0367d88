@NullMarked
package dev.unroll.onnx;

import org.jspecify.annotations.NullMarked;
