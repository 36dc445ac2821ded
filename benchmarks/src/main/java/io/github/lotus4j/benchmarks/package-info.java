/** Benchmarks of operators, stages and whole predictions, and the report that is made from them. */
@NullMarked
package io.github.lotus4j.benchmarks;

import org.jspecify.annotations.NullMarked;
