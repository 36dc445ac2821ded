package io.github.lotus4j.cli.eval;

/**
 * What is known of an image.
 *
 * @param values metres, {@code [height, width]}, or normals in the axes of {@link io.github.lotus4j.NormalMap}, {@code [height, width,
 *     3]}
 * @param valid the pixels of which it is known and which count, {@code [height, width]}
 */
record Truth(int width, int height, float[] values, boolean[] valid) {}
