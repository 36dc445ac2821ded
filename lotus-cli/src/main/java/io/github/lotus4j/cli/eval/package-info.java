/** Published benchmarks: their files, the comparison with predictions, and its report. */
@NullMarked
package io.github.lotus4j.cli.eval;

import org.jspecify.annotations.NullMarked;
