package io.github.lotus4j;

/**
 * The axes of the camera's frame that a normal is given in. A normal always points out of the surface, toward the camera's side:
 * of a wall that faces the camera it is (0, 0, 1) where z comes toward the camera and (0, 0, -1) where z leads away from it.
 */
public enum NormalAxes {
    /** x to the left, y up, z toward the camera (left-handed): Lotus's own, and those of DSINE's data. Bae and Davison 2024. */
    DSINE(1, 1, 1),
    /** x to the right, y up, z toward the viewer (right-handed): OpenGL, glTF, Blender's cameras, normal maps of renderers. */
    OPENGL(-1, 1, 1),
    /** x to the right, y down, z forward, away from the camera (right-handed): OpenCV, COLMAP. */
    OPENCV(-1, -1, -1);

    /** What x, y, z of {@link #DSINE} are multiplied by, and of these axes to come back. */
    private final int x;

    private final int y;
    private final int z;

    NormalAxes(int x, int y, int z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    /** Between these axes and {@link #DSINE}, either way, in place. */
    void turn(float[] vectors) {
        for (int i = 0; i < vectors.length; i += 3) {
            vectors[i] = vectors[i] * x + 0f; // never -0
            vectors[i + 1] = vectors[i + 1] * y + 0f;
            vectors[i + 2] = vectors[i + 2] * z + 0f;
        }
    }
}
