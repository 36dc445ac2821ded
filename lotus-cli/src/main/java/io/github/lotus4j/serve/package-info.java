/** A page that predicts what is dropped on it, and the server behind it. */
@NullMarked
package io.github.lotus4j.serve;

import org.jspecify.annotations.NullMarked;
