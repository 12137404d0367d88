/** Tensors in files: the safetensors format under PyTorch's names. */
@NullMarked
package dev.unroll.io;

import org.jspecify.annotations.NullMarked;
