/** How long many predictions take, and what they cost, before any machine is rented. */
@NullMarked
package io.github.lotus4j.cli.plan;

import org.jspecify.annotations.NullMarked;
