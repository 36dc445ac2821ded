/**
 * From maps to shapes: cameras, point clouds, triangle meshes, surfaces from normals. Points are in metres, in the camera's frame
 * with glTF's and OpenGL's axes: the camera at the origin, x to the right, y up, z toward the viewer, so that what is seen has
 * negative z.
 */
@NullMarked
package io.github.lotus4j.geometry;

import org.jspecify.annotations.NullMarked;
