package io.github.lotus4j;

import java.util.Objects;

/** Depth and normals of one image. */
public record Geometry(DepthMap depth, NormalMap normals) {
    public Geometry {
        Objects.requireNonNull(depth, "depth");
        Objects.requireNonNull(normals, "normals");
    }
}
