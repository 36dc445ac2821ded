package io.github.lotus4j;

/** Depth and normals of one image. */
public record Geometry(DepthMap depth, NormalMap normals) {}
