/** The exception that every failure of this library extends. */
@NullMarked
package io.github.lotus4j.error;

import org.jspecify.annotations.NullMarked;
