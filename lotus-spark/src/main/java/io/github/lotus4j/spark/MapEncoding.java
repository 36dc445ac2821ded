package io.github.lotus4j.spark;

/** How a map lies in a column. */
public enum MapEncoding {
    /**
     * {@code array<float>}, row by row from the top: depth is {@code [height · width]}, normals are {@code [height · width · 3]}, unit
     * vectors; to the bit what {@link io.github.lotus4j.DepthMap#toArray()} and {@link io.github.lotus4j.NormalMap#toArray()} give.
     */
    FLOATS,

    /**
     * {@code binary}, a PNG file, as {@link io.github.lotus4j.output.PredictionFiles} makes it: depth in 16 bits, round(65535 · value),
     * normals in 8 bits a channel, floor(255 · (n + 1) / 2).
     */
    PNG
}
