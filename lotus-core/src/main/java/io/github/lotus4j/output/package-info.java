/** Predictions as files: NPY, PNG, coloured previews. */
@NullMarked
package io.github.lotus4j.output;

import org.jspecify.annotations.NullMarked;
