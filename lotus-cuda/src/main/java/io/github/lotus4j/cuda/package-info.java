/** The operator contract on NVIDIA GPUs: convolutions by cuDNN, products by cuBLAS, everything else by kernels of this project. */
@NullMarked
package io.github.lotus4j.cuda;

import org.jspecify.annotations.NullMarked;
