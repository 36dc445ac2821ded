/** What users touch: images in, depth and normals out. */
@NullMarked
package io.github.lotus4j;

import org.jspecify.annotations.NullMarked;
