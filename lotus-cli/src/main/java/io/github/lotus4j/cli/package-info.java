/** The lotus command: one class a subcommand. */
@NullMarked
package io.github.lotus4j.cli;

import org.jspecify.annotations.NullMarked;
