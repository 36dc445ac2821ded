/** From an image to a dense prediction: the walk through the models, and what surrounds it. */
@NullMarked
package io.github.lotus4j.pipeline;

import org.jspecify.annotations.NullMarked;
