/** Accuracy against ground truth, as the paper's evaluation computes it. */
@NullMarked
package io.github.lotus4j.eval;

import org.jspecify.annotations.NullMarked;
