package io.github.lotus4j.output;

/** What a prediction is written as. */
public enum Format {
    /** NumPy's format: float32, {@code [H, W]} or {@code [H, W, 3]}. */
    NPY,
    /** NumPy's archive of all of the prediction's arrays: {@code depth}, {@code normal}, spreads, and a text of metadata for each. */
    NPZ,
    /** float32 as in {@link #NPY}, of one or three channels, with its metadata. */
    TIFF,
    /** Depth in 16 bits, round(65535 · value); normals in 8 bits a channel. */
    PNG,
    /** Depth in colours ({@link ColourMap}), stretched over the image's range or a fixed one; normals as {@link #PNG}. */
    PREVIEW,
    /** The shape as a mesh of vertices with colours, and normals if there are: Stanford's polygon file, binary. */
    PLY,
    /** The shape as a mesh: glTF 2.0 in one file. */
    GLB,
    /** The shape as a mesh: Wavefront's text. */
    OBJ,
    /** The shape, the photograph and what was predicted of it as a page for a browser, in one file. */
    HTML
}
