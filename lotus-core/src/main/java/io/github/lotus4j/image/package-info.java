/** Images in: decoding, orientation, and resizing as the reference does it. */
@NullMarked
package io.github.lotus4j.image;

import org.jspecify.annotations.NullMarked;
