/** Depth and normals of a DataFrame of images, on Apache Spark. */
@NullMarked
package io.github.lotus4j.spark;

import org.jspecify.annotations.NullMarked;
