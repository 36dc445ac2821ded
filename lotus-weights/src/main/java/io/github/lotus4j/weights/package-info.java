/** Reads and writes safetensors files, and reads checkpoint folders in every layout they are published in. */
@NullMarked
package io.github.lotus4j.weights;

import org.jspecify.annotations.NullMarked;
