/** Checkpoints from the Hugging Face hub: its protocol, and its cache, which Python's users share. */
@NullMarked
package io.github.lotus4j.hub;

import org.jspecify.annotations.NullMarked;
